package view

import (
	"context"
	"strings"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
)

// ImageStore is CloudStack's image store object.
type ImageStore struct {
	ID           resource.StoreID `json:"id" doc:"the id of the store"`
	Name         string           `json:"name" doc:"its name"`
	URL          string           `json:"url" doc:"where it is"`
	Protocol     string           `json:"protocol" doc:"how hosts reach it: file"`
	ProviderName string           `json:"providername" doc:"what provides it: Directory or NFS"`
	Scope        string           `json:"scope" doc:"ZONE: the hosts that see it"`
	ZoneID       resource.ZoneID  `json:"zoneid" doc:"the zone it is in"`
	ZoneName     string           `json:"zonename" doc:"the name of the zone"`
	ReadOnly     bool             `json:"readonly" doc:"false"`
}

// ObjectName is CloudStack's.
func (ImageStore) ObjectName() string { return "imagestore" }

// ImageStores shows image stores.
func ImageStores(ctx context.Context, s *store.Store, rows []resource.Store) ([]ImageStore, error) {
	in, err := locate(ctx, s, rows, func(row *resource.Store) location { return location{zone: row.ZoneID} })
	if err != nil {
		return nil, err
	}
	views := make([]ImageStore, len(rows))
	for i, row := range rows {
		protocol, _, _ := strings.Cut(row.URL, ":")
		views[i] = ImageStore{
			ID: row.ID, Name: row.Name, URL: row.URL, Protocol: strings.ToLower(protocol), ProviderName: row.Provider,
			Scope: "ZONE", ZoneID: row.ZoneID, ZoneName: in.zone(row.ZoneID),
		}
	}
	return views, nil
}

// ImageStoreOf shows one image store.
func ImageStoreOf(ctx context.Context, s *store.Store, row *resource.Store) (ImageStore, error) {
	return one(ctx, s, row, ImageStores)
}
