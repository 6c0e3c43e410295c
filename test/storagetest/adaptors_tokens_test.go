package storagetest

import (
	"context"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/subject"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// The types of this file replace one verb of a port by a function and leave the others.

type addDeviceBy struct {
	ports.DeviceBook
	do func(ctx context.Context, d grant.Device) error
}

func (f addDeviceBy) AddDevice(ctx context.Context, d grant.Device) error { return f.do(ctx, d) }

type findUserCodeBy struct {
	ports.DeviceBook
	do func(ctx context.Context, d []secret.Digest) (grant.Device, error)
}

func (f findUserCodeBy) FindUserCode(ctx context.Context, d []secret.Digest) (grant.Device, error) {
	return f.do(ctx, d)
}

type pollDeviceBy struct {
	ports.DeviceBook
	do func(ctx context.Context, d []secret.Digest, by client.ID, at time.Time) (grant.Device, error)
}

func (f pollDeviceBy) PollDevice(ctx context.Context, d []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
	return f.do(ctx, d, by, at)
}

type denyDeviceBy struct {
	ports.DeviceBook
	do func(ctx context.Context, request, device secret.Digest, at time.Time, e ...audit.Entry) error
}

func (f denyDeviceBy) DenyDevice(ctx context.Context, request, device secret.Digest, at time.Time, e ...audit.Entry) error {
	return f.do(ctx, request, device, at, e...)
}

type markUsedBy struct {
	ports.AccessBook
	do func(ctx context.Context, seen map[token.ID]time.Time) error
}

func (f markUsedBy) MarkUsed(ctx context.Context, seen map[token.ID]time.Time) error {
	return f.do(ctx, seen)
}

type personalTokensBy struct {
	ports.TokenLister
	do func(ctx context.Context, u user.ID, at time.Time, limit int) ([]token.Access, error)
}

func (f personalTokensBy) PersonalTokens(ctx context.Context, u user.ID, at time.Time, limit int) ([]token.Access, error) {
	return f.do(ctx, u, at, limit)
}

// familyPage is what Families is asked for.
type familyPage struct {
	who   subject.Subject
	at    time.Time
	after grant.Family
	limit int
}

func (p familyPage) of(ctx context.Context, l ports.TokenLister) ([]grant.Family, error) {
	return l.Families(ctx, p.who, p.at, p.after, p.limit)
}

type familiesBy struct {
	ports.TokenLister
	do func(ctx context.Context, p familyPage) ([]grant.Family, error)
}

func (f familiesBy) Families(ctx context.Context, s subject.Subject, at time.Time, after grant.Family, limit int) ([]grant.Family, error) {
	return f.do(ctx, familyPage{s, at, after, limit})
}

type personalClientBy struct {
	ports.PersonalClients
	do func(ctx context.Context, provider string) (client.ID, error)
}

func (f personalClientBy) PersonalClient(ctx context.Context, provider string) (client.ID, error) {
	return f.do(ctx, provider)
}

type setPersonalClientBy struct {
	ports.PersonalClients
	do func(ctx context.Context, provider string, id client.ID, at time.Time, e ...audit.Entry) error
}

func (f setPersonalClientBy) SetPersonalClient(ctx context.Context, provider string, id client.ID, at time.Time, e ...audit.Entry) error {
	return f.do(ctx, provider, id, at, e...)
}

type purgeBy func(ctx context.Context, w ports.Waste) (ports.Purged, error)

func (f purgeBy) Purge(ctx context.Context, w ports.Waste) (ports.Purged, error) { return f(ctx, w) }
