package lab

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// pause is how long to wait for more at the end of a console's log, which
// another process writes.
const pause = 10 * time.Millisecond

// Console is a guest's serial port: what the guest wrote since its log began,
// and a way to answer. Use it from one goroutine.
type Console struct {
	log   string // path of the log file
	tty   func(context.Context) (string, error)
	file  *os.File
	text  bytes.Buffer // read, not yet waited for
	port  *os.File
	drain sync.WaitGroup
}

// NewConsole follows a log file that need not exist yet. Tty tells the path of
// the pseudo terminal to send to, nil when there is none.
func NewConsole(log string, tty func(context.Context) (string, error)) *Console {
	return &Console{log: log, tty: tty}
}

// Console opens the serial port of a domain, which must have a log:
//
//	<serial type='pty'><log file='…' append='on'/></serial>
//
// It stays good when the domain ends and starts again with the same log.
func (h *Host) Console(ctx context.Context, domain string) (*Console, error) {
	text, err := h.Exec(ctx, "virsh", "dumpxml", domain)
	if err != nil {
		return nil, err
	}
	var d struct {
		Log struct {
			File string `xml:"file,attr"`
		} `xml:"devices>serial>log"`
	}
	if err := xml.Unmarshal([]byte(text), &d); err != nil {
		return nil, fmt.Errorf("read definition of domain %s: %w", domain, err)
	}
	if d.Log.File == "" {
		return nil, fmt.Errorf("domain %s has no log of its serial port", domain)
	}
	return NewConsole(h.Path(d.Log.File), func(ctx context.Context) (string, error) {
		path, err := h.Exec(ctx, "virsh", "ttyconsole", domain)
		return strings.TrimSpace(path), err
	}), nil
}

// Close lets go of the log and the port.
func (c *Console) Close() error {
	err := c.hangUp()
	if c.file != nil {
		err = errors.Join(err, c.file.Close())
	}
	return err
}

// Wait returns the next line that the regular expression matches, with its
// submatches. Lines before it are passed over, so that the next call goes on
// after it. When ctx ends first, the error holds the last lines seen.
func (c *Console) Wait(ctx context.Context, pattern string) ([]string, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	var last []string
	for {
		line, err := c.line(ctx)
		if err != nil {
			return nil, fmt.Errorf("wait for %q on the console: %w; last lines:\n%s", pattern, err, strings.Join(last, "\n"))
		}
		if match := re.FindStringSubmatch(line); match != nil {
			return match, nil
		}
		last = append(last, line)
		last = last[max(0, len(last)-20):]
	}
}

// Report waits for the guest's next report.
func (c *Console) Report(ctx context.Context) (Report, error) {
	if _, err := c.Wait(ctx, prefix+"begin$"); err != nil {
		return Report{}, err
	}
	var lines []string
	for {
		line, err := c.Wait(ctx, prefix+"(.*)$")
		if err != nil {
			return Report{}, err
		}
		switch line[1] {
		case "end":
			return parseReport(lines)
		case "begin": // the guest was reset while it reported
			lines = nil
		default:
			lines = append(lines, line[1])
		}
	}
}

// Show asks the probe guest for the content of a file, by the number of the
// drive that has it.
func (c *Console) Show(ctx context.Context, path string) (map[int][]byte, error) {
	if err := c.Send(ctx, "show "+path); err != nil {
		return nil, err
	}
	found := make(map[int][]byte)
	for {
		match, err := c.Wait(ctx, prefix+"(?:shown|text ([0-9]+) base64=([^ ]*) path=.*)$")
		if err != nil {
			return nil, err
		}
		if match[1] == "" {
			return found, nil
		}
		number, err := strconv.Atoi(match[1])
		if err != nil {
			return nil, err
		}
		if found[number], err = base64.StdEncoding.DecodeString(match[2]); err != nil {
			return nil, fmt.Errorf("decode %s of drive %d: %w", path, number, err)
		}
	}
}

// line returns the next whole line without its end.
func (c *Console) line(ctx context.Context) (string, error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if i := bytes.IndexByte(c.text.Bytes(), '\n'); i >= 0 {
			return strings.TrimRight(string(c.text.Next(i+1)), "\r\n"), nil
		}
		n, err := c.more()
		if err != nil {
			return "", err
		}
		if n > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-tick.C:
		}
	}
}

// more takes what the log has gained.
func (c *Console) more() (int64, error) {
	if c.file == nil {
		file, err := os.Open(c.log)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return 0, nil
		case err != nil:
			return 0, err
		}
		c.file = file
	}
	return c.text.ReadFrom(c.file)
}

// Send writes a line to the guest. The first takes up to a second, until QEMU
// notices that somebody has opened the port.
func (c *Console) Send(ctx context.Context, line string) error {
	if c.tty == nil {
		return errors.New("console has no terminal to send to")
	}
	path, err := c.tty(ctx)
	if err != nil {
		return err
	}
	if err := c.dial(path); err != nil {
		return err
	}
	_, err = c.port.WriteString(line + "\n")
	return err
}

// dial opens the port and keeps reading from it: while it is open, QEMU stops
// the guest's output when nobody takes it. The log has it all the same.
func (c *Console) dial(path string) error {
	if c.port != nil && c.port.Name() == path {
		return nil
	}
	if err := c.hangUp(); err != nil {
		return err
	}
	port, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOCTTY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return err
	}
	c.port = port
	c.drain.Go(func() {
		_, _ = io.Copy(io.Discard, port) // ends when the port is closed or the guest is gone
	})
	return nil
}

func (c *Console) hangUp() error {
	if c.port == nil {
		return nil
	}
	err := c.port.Close()
	c.drain.Wait()
	c.port = nil
	return err
}
