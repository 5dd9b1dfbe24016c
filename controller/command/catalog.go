package command

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/cairn-kvm/cairn/controller/access"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// Queue takes the jobs of asynchronous commands. Submit joins the context's
// transaction.
type Queue interface {
	Submit(ctx context.Context, job *resource.Job) error
}

// Catalog is every command there is.
type Catalog struct {
	store    *store.Store
	queue    Queue
	log      *slog.Logger
	finder   access.Finder
	commands map[string]*Command
	names    []string // sorted
}

// NewCatalog makes an empty catalogue.
func NewCatalog(s *store.Store, queue Queue, log *slog.Logger) *Catalog {
	return &Catalog{store: s, queue: queue, log: log, finder: access.Finder{Store: s}, commands: map[string]*Command{}}
}

// Add declares commands; it is for start-up only. A name that stands twice
// panics.
func (c *Catalog) Add(lists ...[]Command) {
	for _, command := range slices.Concat(lists...) {
		if c.commands[command.Name] != nil {
			panic(fmt.Sprintf("command %s is declared twice", command.Name))
		}
		c.commands[command.Name] = &command
		c.names = append(c.names, command.Name)
	}
	slices.Sort(c.names)
}

// Commands gives all of them, in the order of their names.
func (c *Catalog) Commands() []*Command {
	list := make([]*Command, len(c.names))
	for i, name := range c.names {
		list[i] = c.commands[name]
	}
	return list
}

// Find gives a command by its exact name, nil when there is none.
func (c *Catalog) Find(name string) *Command { return c.commands[name] }
