package script

import "log/slog"

var quiet = slog.New(slog.DiscardHandler)
