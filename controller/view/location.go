package view

import (
	"context"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// location is where a record lies; what does not apply is empty.
type location struct {
	zone    resource.ZoneID
	pod     resource.PodID
	cluster resource.ClusterID
}

// locations are the zones, pods and clusters of a window of records.
type locations struct {
	zones    map[resource.ZoneID]*resource.Zone
	pods     map[resource.PodID]*resource.Pod
	clusters map[resource.ClusterID]*resource.Cluster
}

// locate looks them up, with one statement for each kind.
func locate[T any](ctx context.Context, s *store.Store, rows []T, of func(*T) location) (*locations, error) {
	l, err := &locations{}, error(nil)
	load(ctx, s, &err, &l.zones, distinct(rows, func(row *T) resource.ZoneID { return of(row).zone }),
		func(z *resource.Zone) resource.ZoneID { return z.ID })
	load(ctx, s, &err, &l.pods, distinct(rows, func(row *T) resource.PodID { return of(row).pod }),
		func(p *resource.Pod) resource.PodID { return p.ID })
	load(ctx, s, &err, &l.clusters, distinct(rows, func(row *T) resource.ClusterID { return of(row).cluster }),
		func(c *resource.Cluster) resource.ClusterID { return c.ID })
	return l, err
}

func (l *locations) zone(id resource.ZoneID) string {
	if zone := l.zones[id]; zone != nil {
		return zone.Name
	}
	return ""
}

func (l *locations) pod(id resource.PodID) string {
	if pod := l.pods[id]; pod != nil {
		return pod.Name
	}
	return ""
}

func (l *locations) cluster(id resource.ClusterID) string {
	if cluster := l.clusters[id]; cluster != nil {
		return cluster.Name
	}
	return ""
}

// one shows a single record by the function for a window of them.
func one[T, V any](ctx context.Context, s *store.Store, row *T, show func(context.Context, *store.Store, []T) ([]V, error)) (V, error) {
	views, err := show(ctx, s, []T{*row})
	if err != nil {
		var none V
		return none, err
	}
	return views[0], nil
}
