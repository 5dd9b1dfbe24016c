package cloud

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Process is one of the cloud's programs, which can be killed and started
// again. Its output is appended to a log.
type Process struct {
	make func() *exec.Cmd
	log  string
	keep bool

	mu   sync.Mutex
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how
}

// stopWithin is how long a program may take to end when it is asked to.
const stopWithin = 30 * time.Second

// Start starts the program.
func (p *Process) Start() error {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cmd, p.done = p.make(), make(chan struct{})
	p.cmd.Stdout, p.cmd.Stderr = log, log
	// In a session of its own it survives the terminal; a test's dies with the test.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if !p.keep {
		p.cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	}
	if err := p.cmd.Start(); err != nil {
		return errors.Join(err, log.Close())
	}
	go p.wait(p.cmd, p.done, log)
	return nil
}

func (p *Process) wait(cmd *exec.Cmd, done chan struct{}, log *os.File) {
	err := errors.Join(cmd.Wait(), log.Close())
	p.mu.Lock()
	p.err = err
	p.mu.Unlock()
	close(done)
}

// PID is the program's process id.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd.Process.Pid
}

// Ended is closed when the program has ended.
func (p *Process) Ended() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}

// Kill ends the program without a word (SIGKILL), and waits for its end.
func (p *Process) Kill() error {
	p.mu.Lock()
	cmd, done := p.cmd, p.done
	p.mu.Unlock()
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-done
	return nil
}

// Stop asks the program to end (SIGTERM), and waits for its end; one that does
// not is killed, which is an error.
func (p *Process) Stop() error {
	p.mu.Lock()
	cmd, done := p.cmd, p.done
	p.mu.Unlock()
	if cmd == nil {
		return nil
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		<-done
		return nil
	}
	select {
	case <-done:
	case <-time.After(stopWithin):
		return errors.Join(fmt.Errorf("%s did not end within %s", filepath.Base(cmd.Path), stopWithin), p.Kill())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return fmt.Errorf("%s: %w (see %s)", filepath.Base(cmd.Path), p.err, p.log)
	}
	return nil
}

// listens waits until the program answers at an address.
func (p *Process) listens(ctx context.Context, address string) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("nobody listens on %s: %w", address, ctx.Err())
		case <-p.Ended():
			return fmt.Errorf("it ended at once; its log is %s", p.log)
		case <-tick.C:
		}
	}
}
