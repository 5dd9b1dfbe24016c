package view

import (
	"context"
	"encoding/json"

	"github.com/cairn-kvm/cairn/controller/resource"
	"github.com/cairn-kvm/cairn/controller/store"
	"github.com/cairn-kvm/cairn/internal/fault"
)

// Job is CloudStack's asynchronous job. It is whole while the job runs, and
// has a jobresult, always an object, when it has ended: clients index both.
type Job struct {
	ID           resource.JobID     `json:"jobid" doc:"the id of the job"`
	AccountID    resource.AccountID `json:"accountid" doc:"the account that asked"`
	Account      string             `json:"account,omitempty" doc:"its name"`
	DomainID     resource.DomainID  `json:"domainid" doc:"the id of its domain"`
	DomainPath   string             `json:"domainpath,omitempty" doc:"the path of its domain"`
	UserID       resource.UserID    `json:"userid" doc:"the user that asked"`
	Command      string             `json:"cmd" doc:"what was asked for"`
	Status       int                `json:"jobstatus" doc:"0 while it waits or runs, 1 done, 2 failed"`
	Progress     int                `json:"jobprocstatus" doc:"0"`
	ResultCode   int                `json:"jobresultcode" doc:"0, or the error's code"`
	ResultType   string             `json:"jobresulttype,omitempty" doc:"object"`
	Result       json.RawMessage    `json:"jobresult,omitempty" doc:"the result, or the error"`
	InstanceType string             `json:"jobinstancetype,omitempty" doc:"the kind of what it works on"`
	InstanceID   string             `json:"jobinstanceid,omitempty" doc:"the id of what it works on"`
	Created      Date               `json:"created" doc:"when it was accepted"`
	Completed    *Date              `json:"completed,omitempty" doc:"when it ended"`
}

// ObjectName is CloudStack's, in a list.
func (Job) ObjectName() string { return "asyncjobs" }

// JobResult is a job as queryAsyncJobResult answers: its fields stand in the
// envelope themselves.
type JobResult struct{ Job }

// ObjectName is empty.
func (JobResult) ObjectName() string { return "" }

// Jobs shows jobs.
func Jobs(ctx context.Context, s *store.Store, rows []resource.Job) ([]Job, error) {
	accounts, err := store.ByID(ctx, s, distinct(rows, func(j *resource.Job) resource.AccountID { return j.AccountID }),
		func(a *resource.Account) resource.AccountID { return a.ID })
	if err != nil {
		return nil, err
	}
	domains, err := store.ByID(ctx, s, distinct(rows, func(j *resource.Job) resource.DomainID { return j.DomainID }),
		func(d *resource.Domain) resource.DomainID { return d.ID })
	if err != nil {
		return nil, err
	}
	views := make([]Job, len(rows))
	for i := range rows {
		if views[i], err = jobOf(s, &rows[i]); err != nil {
			return nil, err
		}
		if account := accounts[rows[i].AccountID]; account != nil {
			views[i].Account = account.Name
		}
		if domain := domains[rows[i].DomainID]; domain != nil {
			views[i].DomainPath = DomainPath(domain)
		}
	}
	return views, nil
}

// JobResultOf shows one job, for who polls it.
func JobResultOf(ctx context.Context, s *store.Store, job *resource.Job) (JobResult, error) {
	views, err := Jobs(ctx, s, []resource.Job{*job})
	if err != nil {
		return JobResult{}, err
	}
	return JobResult{views[0]}, nil
}

func jobOf(s *store.Store, job *resource.Job) (Job, error) {
	v := Job{
		ID: job.ID, AccountID: job.AccountID, DomainID: job.DomainID, UserID: job.UserID, Command: job.Command,
		InstanceType: instanceType(job.InstanceType), InstanceID: job.InstanceID,
		Created: At(job.Created), Completed: AtOrNil(job.Completed),
	}
	if !job.Status.Finished() {
		return v, nil
	}
	v.Status, v.ResultType = int(job.Status), "object"
	if job.Status == resource.JobFailed {
		v.ResultCode = ErrorCode(fault.Kind(job.FaultKind))
		text, err := json.Marshal(struct {
			Code int    `json:"errorcode"`
			Text string `json:"errortext"`
		}{v.ResultCode, job.FaultText})
		v.Result = text
		return v, err
	}
	text, err := s.UnsealBytes(job.Result)
	v.Result = text
	return v, err
}

// instanceType gives CloudStack's spelling of the kind of a resource.
func instanceType(kind string) string {
	switch kind {
	case "virtualmachine":
		return "VirtualMachine"
	case "template":
		return "Template"
	case "network":
		return "Network"
	case "host":
		return "Host"
	}
	return "None"
}

// DomainPath is a domain's path as the API shows it: "ROOT/sales/emea".
func DomainPath(d *resource.Domain) string {
	return "ROOT" + d.Path[:len(d.Path)-1]
}
