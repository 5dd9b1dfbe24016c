package workflow

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/cairn-kvm/cairn/controller/dispatch"
	"github.com/cairn-kvm/cairn/controller/job"
	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
	agentv1 "github.com/cairn-kvm/cairn/proto/gen/cairn/agent/v1"
)

// FetchTemplate has a host bring a registered template into its store. While
// no host is there, the job waits.
func (m Machines) FetchTemplate(ctx context.Context, j *resource.Job, id resource.TemplateID) error {
	template, err := store.Get[resource.Template](ctx, m.Store, id)
	if err != nil {
		return err
	}
	host, err := m.anyHost(ctx, template.ZoneID)
	if err != nil {
		return job.Retry(5*time.Second, err)
	}
	done, err := m.fetch(ctx, j, template, host)
	switch {
	case fault.Is(err, fault.Unavailable) && ctx.Err() == nil && m.lost(ctx, host):
		return job.Retry(5*time.Second, err)
	case err != nil && job.Interrupted(ctx):
		return err
	case err != nil:
		template.State, template.Problem = resource.TemplateRefused, fault.Message(err)
		return firstOf(err, store.Update(context.WithoutCancel(ctx), m.Store, template, "state", "problem"))
	}
	template.State, template.SHA256 = resource.TemplateReady, done.GetSha256()
	template.SizeBytes, template.PhysicalBytes = int64(done.GetSizeBytes()), int64(done.GetPhysicalBytes())
	return store.Update(ctx, m.Store, template, "state", "sha256", "size_bytes", "physical_bytes")
}

func firstOf(failure, err error) error {
	if failure != nil {
		return failure
	}
	return err
}

func (m Machines) fetch(ctx context.Context, j *resource.Job, template *resource.Template, host resource.HostID) (*agentv1.FetchTemplateDone, error) {
	to, err := m.storePlace(ctx, template.StoreID)
	if err != nil {
		return nil, err
	}
	// The host is part of the id: another host is another attempt.
	action := &agentv1.Action{
		Id: dispatch.ID(j.ID, "fetch@"+string(host)), Subject: string(template.ID),
		Deadline: timestamppb.New(j.Started.Add(j.Timeout)),
		Act: &agentv1.Action_FetchTemplate{FetchTemplate: &agentv1.FetchTemplate{
			TemplateId: string(template.ID), Url: template.URL, Format: imageFormat(template.Format),
			Checksum: template.Checksum, Store: to,
		}},
	}
	done, err := m.Dispatch.Do(ctx, j.ID, host, action)
	return done.GetFetchTemplate(), err
}

// RemoveTemplate removes a template from its store. Pools keep their copies:
// disks lie on them.
func (m Machines) RemoveTemplate(ctx context.Context, j *resource.Job, id resource.TemplateID) error {
	template, err := store.Get[resource.Template](ctx, m.Store, id)
	if fault.Is(err, fault.NotFound) {
		return nil // this job's former life removed it
	}
	if err != nil {
		return err
	}
	from, err := m.storePlace(ctx, template.StoreID)
	if err != nil {
		return err
	}
	host, err := m.anyHost(ctx, template.ZoneID)
	if err != nil {
		return err
	}
	action := &agentv1.Action{
		Id: dispatch.ID(j.ID, "delete"), Subject: string(id), Deadline: timestamppb.New(j.Started.Add(j.Timeout)),
		Act: &agentv1.Action_DeleteTemplate{DeleteTemplate: &agentv1.DeleteTemplate{TemplateId: string(id), Store: from}},
	}
	if _, err := m.Dispatch.Do(ctx, j.ID, host, action); err != nil {
		return err
	}
	_, err = store.Delete[resource.Template](ctx, m.Store, store.Filter{"id": id})
	return err
}

// anyHost gives a host of the zone that is there.
func (m Machines) anyHost(ctx context.Context, zone resource.ZoneID) (resource.HostID, error) {
	host, err := store.First[resource.Host](ctx, m.Store, store.Filter{"zone_id": zone, "state": resource.HostUp})
	if fault.Is(err, fault.NotFound) {
		return "", fault.New(fault.Unavailable, "no host of the zone is connected")
	}
	if err != nil {
		return "", err
	}
	return host.ID, nil
}

// lost reports whether the host is not there any more.
func (m Machines) lost(ctx context.Context, id resource.HostID) bool {
	host, err := store.Get[resource.Host](ctx, m.Store, id)
	return err != nil || host.State != resource.HostUp
}
