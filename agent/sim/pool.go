package sim

import (
	"strings"
	"sync"

	"github.com/cairn-kvm/cairn/internal/fault"
)

// Pools are the directories that hosts share, and what can be fetched from
// outside. They are safe for concurrent use.
type Pools struct {
	mu        sync.Mutex
	files     map[string]file
	published map[string]Published
	full      map[string]bool
}

// file is a file in a pool. Of volumes and templates only the facts count.
type file struct {
	content   []byte
	format    string
	sizeBytes uint64 // virtual
}

// Published is what a URL leads to.
type Published struct {
	Content   []byte
	Format    string // what it really is: "qcow2", "raw"; "" is no image
	SizeBytes uint64 // virtual
}

// NewPools makes pools without content, and an outside without URLs.
func NewPools() *Pools {
	return &Pools{files: map[string]file{}, published: map[string]Published{}, full: map[string]bool{}}
}

// Publish puts something behind a URL.
func (p *Pools) Publish(url string, what Published) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.published[url] = what
}

// Fill leaves no room below a path, or makes room again.
func (p *Pools) Fill(path string, full bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.full[path] = full
}

// Read gives the content of a file.
func (p *Pools) Read(path string) ([]byte, bool) {
	f, found := p.read(path)
	return f.content, found
}

func (p *Pools) read(path string) (file, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f, found := p.files[path]
	return f, found
}

func (p *Pools) write(path string, f file) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for below, full := range p.full {
		if full && strings.HasPrefix(path, below+"/") {
			return fault.New(fault.NoCapacity, "there is no room in %s", below)
		}
	}
	p.files[path] = f
	return nil
}

func (p *Pools) remove(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.files, path)
}

func (p *Pools) fetch(url string) (Published, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what, found := p.published[url]
	return what, found
}

func (p *Pools) snapshot() map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	stands := map[string]string{}
	for path, f := range p.files {
		stands["file "+path] = digest(f.content)
	}
	return stands
}
