package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// statusEvery is how often systemd learns how the agent is, where its
// watchdog does not ask more often.
const statusEvery = 10 * time.Second

// stopSlack is for what comes after the drain time: actions that are cut
// short, connections that are closed.
const stopSlack = 20 * time.Second

// notify tells systemd that the agent runs, and then that it still does. It
// asks the journal and the link, and so stops when one of them is stuck. A
// hypervisor or a controller that is away is no reason to restart the agent.
func (a *Agent) notify(ctx context.Context) {
	notifySystemd(daemon.SdNotifyReady)
	every := statusEvery
	if asked, err := daemon.SdWatchdogEnabled(false); err == nil && asked > 0 {
		every = min(every, asked/3)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		notifySystemd(daemon.SdNotifyWatchdog + "\nSTATUS=" + a.status())
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// status is the agent's condition in one line.
func (a *Agent) status() string {
	_ = a.journal.Stats() // waits for the journal: see notify
	if problems := a.problems(time.Now()); len(problems) > 0 {
		return problems[0]
	}
	return "connected to " + a.config.Controller
}

// notifyStopping tells that the agent ends, and asks for the time that it
// needs to do so in order.
func notifyStopping(drainTime time.Duration) {
	needs := drainTime + flushWithin + stopSlack
	notifySystemd(fmt.Sprintf("%s\nEXTEND_TIMEOUT_USEC=%d", daemon.SdNotifyStopping, needs.Microseconds()))
}

// notifySystemd does nothing without a NOTIFY_SOCKET. That a message was not
// taken is for systemd to notice: it is the one who waits for it.
func notifySystemd(state string) { _, _ = daemon.SdNotify(false, state) }
