package storagetest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/gopassport/passport/domain/audit"
	"github.com/gopassport/passport/domain/client"
	"github.com/gopassport/passport/domain/grant"
	"github.com/gopassport/passport/domain/secret"
	"github.com/gopassport/passport/domain/session"
	"github.com/gopassport/passport/domain/token"
	"github.com/gopassport/passport/domain/user"
	"github.com/gopassport/passport/ports"
)

// addsDevices makes a plant whose AddDevice goes wrong.
func addsDevices(do func(ctx context.Context, s ports.Storage, d grant.Device) error) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		s.DeviceBook = addDeviceBy{s.DeviceBook, func(ctx context.Context, d grant.Device) error { return do(ctx, inner, d) }}
		return s
	}
}

// seesDevices makes a plant that gives devices back otherwise than they are.
func seesDevices(see func(d grant.Device) grant.Device) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s.DeviceBook
		s.DeviceBook = findUserCodeBy{inner, func(ctx context.Context, d []secret.Digest) (grant.Device, error) {
			found, err := inner.FindUserCode(ctx, d)
			return see(found), err
		}}
		s.DeviceBook = pollDeviceBy{s.DeviceBook, func(ctx context.Context, d []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
			found, err := inner.PollDevice(ctx, d, by, at)
			return see(found), err
		}}
		return s
	}
}

// denial is a DenyDevice that is given the healthy storage.
type denial func(ctx context.Context, s ports.Storage, request, device secret.Digest, at time.Time, e ...audit.Entry) error

// deniesDevices makes a plant whose DenyDevice goes wrong.
func deniesDevices(do denial) func(ports.Storage) ports.Storage {
	return func(s ports.Storage) ports.Storage {
		inner := s
		s.DeviceBook = denyDeviceBy{s.DeviceBook, func(ctx context.Context, request, device secret.Digest, at time.Time, e ...audit.Entry) error {
			return do(ctx, inner, request, device, at, e...)
		}}
		return s
	}
}

// peek reads a device without recording a poll.
func peek(ctx context.Context, s ports.Storage, d secret.Digest) (grant.Device, error) {
	return s.DeviceBook.PollDevice(ctx, []secret.Digest{d}, stranger, time.Time{})
}

var devicePlants = []plant{
	{"loses the address that a device asked from", []string{
		"Devices/everything of a device request comes back as it was",
	}, addsDevices(func(ctx context.Context, s ports.Storage, d grant.Device) error {
		d.Source = ""
		return s.DeviceBook.AddDevice(ctx, d)
	}), nil},
	{"gives a device's times back in local time", []string{
		"Devices/times of a device request come back in UTC and whole microseconds",
	}, seesDevices(func(d grant.Device) grant.Device {
		d.DeniedAt = d.DeniedAt.In(time.FixedZone("here", 3600))
		return d
	}), nil},
	{"looks a device up under the first digest only", []string{
		"Devices/a device request is found under any digest of its user code",
		"Devices/a device request is polled under any digest of its device code",
	}, func(s ports.Storage) ports.Storage {
		inner := s.DeviceBook
		s.DeviceBook = findUserCodeBy{inner, func(ctx context.Context, d []secret.Digest) (grant.Device, error) {
			return inner.FindUserCode(ctx, d[:min(1, len(d))])
		}}
		s.DeviceBook = pollDeviceBy{s.DeviceBook, func(ctx context.Context, d []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
			return inner.PollDevice(ctx, d[:min(1, len(d))], by, at)
		}}
		return s
	}, nil},
	{"takes a device code for a user code and the reverse", []string{
		"Devices/a device request is found under any digest of its user code",
		"Devices/a device request is polled under any digest of its device code",
	}, func(s ports.Storage) ports.Storage {
		inner := s.DeviceBook
		s.DeviceBook = findUserCodeBy{inner, func(ctx context.Context, d []secret.Digest) (grant.Device, error) {
			found, err := inner.FindUserCode(ctx, d)
			if err != nil {
				return inner.PollDevice(ctx, d, stranger, time.Time{})
			}
			return found, err
		}}
		s.DeviceBook = pollDeviceBy{s.DeviceBook, func(ctx context.Context, d []secret.Digest, by client.ID, at time.Time) (grant.Device, error) {
			found, err := inner.PollDevice(ctx, d, by, at)
			if err != nil {
				return inner.FindUserCode(ctx, d)
			}
			return found, err
		}}
		return s
	}, nil},
	{"hears nothing of codes that are taken", []string{
		"Devices/a taken device code or user code is not taken again",
		"Devices/the codes of a dead device request are taken too",
		"Devices/of many concurrent device requests with one user code one is stored",
	}, addsDevices(func(ctx context.Context, s ports.Storage, d grant.Device) error {
		if err := s.DeviceBook.AddDevice(ctx, d); !errors.Is(err, ports.ErrExists) {
			return err
		}
		return nil
	}), nil},
	{"frees the codes of a dead device request", []string{
		"Devices/the codes of a dead device request are taken too",
	}, addsDevices(func(ctx context.Context, s ports.Storage, d grant.Device) error {
		err := s.DeviceBook.AddDevice(ctx, d)
		if old, found := s.DeviceBook.FindUserCode(ctx, []secret.Digest{d.UserCode}); found == nil && !old.PendingAt(d.CreatedAt) {
			return nil
		}
		return err
	}), nil},
	{"looks for a user code first and stores after", []string{
		"Devices/of many concurrent device requests with one user code one is stored",
	}, addsDevices(func(ctx context.Context, s ports.Storage, d grant.Device) error {
		if _, err := s.DeviceBook.FindUserCode(ctx, []secret.Digest{d.UserCode}); err == nil {
			return ports.ErrExists
		}
		roundTrip()
		if err := s.DeviceBook.AddDevice(ctx, d); !errors.Is(err, ports.ErrExists) {
			return err
		}
		d.UserCode = newDigest()
		return s.DeviceBook.AddDevice(ctx, d)
	}), nil},
	{"shows the family of a device as it was approved", []string{
		"Devices/a poll returns the family as it stands",
		"Devices/disabling a client ends the families of its devices",
		"Devices/disabling a person ends the families of their devices",
	}, func(s ports.Storage) ports.Storage {
		var mu sync.Mutex
		born := map[grant.ID]grant.Family{}
		s = seesDevices(func(d grant.Device) grant.Device {
			mu.Lock()
			defer mu.Unlock()
			if f, ok := born[d.Family.ID]; ok {
				d.Family = f
			}
			return d
		})(s)
		return approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
			mu.Lock()
			defer mu.Unlock()
			born[a.Family.ID] = a.Family
			return s.ApprovalBook.Approve(ctx, a, e...)
		})(s)
	}, nil},
	{"does not tell that a device was allowed", []string{
		"Devices/a poll returns the family as it stands",
		"Devices/an approval answers its device code and spends its request",
	}, seesDevices(func(d grant.Device) grant.Device {
		d.Family = grant.Family{}
		return d
	}), nil},
}

// answersNothing approves a device request as if no device had asked.
func answersNothing(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
	a.Device = secret.Digest{}
	return s.ApprovalBook.Approve(ctx, a, e...)
}

var deviceDecisionPlants = []plant{
	{"approves without answering the device code", []string{
		"Devices/an approval answers its device code and spends its request",
		"Devices/of many concurrent approvals of one device code one wins and the others leave nothing",
		"Devices/a device code that has expired is not approved",
		"Devices/an approval of a device code that was decided or is not there leaves nothing",
	}, approves(answersNothing), nil},
	{"decides a device code by reading first and writing after", []string{
		"Devices/of many concurrent approvals of one device code one wins and the others leave nothing",
		"Devices/of an approval and a refusal of one device code at once one wins",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		d, err := peek(ctx, s, a.Device)
		if err != nil || !d.PendingAt(a.Family.CreatedAt) {
			return s.ApprovalBook.Approve(ctx, a, e...)
		}
		roundTrip()
		if err := s.ApprovalBook.Approve(ctx, a, e...); !errors.Is(err, ports.ErrSpent) {
			return err
		}
		a.Request = secret.Digest{}
		return answersNothing(ctx, s, a, e...)
	}), nil},
	{"approves what has expired", []string{
		"Devices/a device code that has expired is not approved",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		if err := s.ApprovalBook.Approve(ctx, a, e...); !errors.Is(err, ports.ErrExpired) {
			return err
		}
		a.Family.CreatedAt = a.Family.CreatedAt.AddDate(0, 0, -1)
		return s.ApprovalBook.Approve(ctx, a, e...)
	}), nil},
	{"spends the request of an approval that a device code refused", []string{
		"Devices/of many concurrent approvals of one device code one wins and the others leave nothing",
		"Devices/a device code that has expired is not approved",
		"Devices/an approval of a device code that was decided or is not there leaves nothing",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		err := s.ApprovalBook.Approve(ctx, a, e...)
		if err != nil {
			_ = s.ApprovalBook.CloseRequest(ctx, a.Request, a.Family.CreatedAt)
		}
		return err
	}), nil},
	{"answers a device code although the request was decided", []string{
		"Devices/an approval whose request was decided leaves the device waiting",
	}, approves(func(ctx context.Context, s ports.Storage, a grant.Approval, e ...audit.Entry) error {
		err := s.ApprovalBook.Approve(ctx, a, e...)
		if err != nil {
			a.Request = secret.Digest{}
			_ = s.ApprovalBook.Approve(ctx, a)
		}
		return err
	}), nil},
	{"approves devices for whom it should not", []string{
		"Devices/a device code is approved nothing for a client that is gone or disabled",
		"Devices/a disabled person approves no device code",
	}, forgives(ports.ErrRevoked), nil},
	{"denies a device code and leaves the request open", []string{
		"Devices/a refusal spends its request and denies its device code",
		"Devices/a refusal decides both or neither",
	}, deniesDevices(func(ctx context.Context, s ports.Storage, _, device secret.Digest, at time.Time, e ...audit.Entry) error {
		another := grant.Request{Digest: newDigest(), Session: session.ID(newUUID()), ArrivedAt: at, ExpiresAt: at.Add(time.Hour)}
		if err := s.RequestBook.OpenRequest(ctx, another, 1); err != nil {
			return err
		}
		return s.DeviceBook.DenyDevice(ctx, another.Digest, device, at, e...)
	}), nil},
	{"spends the request of a refusal and leaves the device waiting", []string{
		"Devices/a refusal spends its request and denies its device code",
		"Devices/of many concurrent refusals of one device code one wins",
	}, deniesDevices(func(ctx context.Context, s ports.Storage, request, _ secret.Digest, at time.Time, e ...audit.Entry) error {
		return s.ApprovalBook.CloseRequest(ctx, request, at, e...)
	}), nil},
	{"spends the request of a refusal that a device code refused", []string{
		"Devices/a refusal decides both or neither",
		"Devices/of many concurrent refusals of one device code one wins",
	}, deniesDevices(func(ctx context.Context, s ports.Storage, request, device secret.Digest, at time.Time, e ...audit.Entry) error {
		err := s.DeviceBook.DenyDevice(ctx, request, device, at, e...)
		if err != nil {
			_ = s.ApprovalBook.CloseRequest(ctx, request, at)
		}
		return err
	}), nil},
	{"refuses after somebody has approved", []string{
		"Devices/of an approval and a refusal of one device code at once one wins",
		"Devices/a refusal decides both or neither",
	}, deniesDevices(func(ctx context.Context, s ports.Storage, request, device secret.Digest, at time.Time, e ...audit.Entry) error {
		d, err := peek(ctx, s, device)
		if err == nil && d.Family.ID != "" {
			_ = s.Ledger.RevokeGrant(ctx, grant.Revocation{Family: d.Family.ID, At: at})
			return nil
		}
		return s.DeviceBook.DenyDevice(ctx, request, device, at, e...)
	}), nil},
}

func redeemsDevice(i token.Issuance) bool {
	return isRedemption(i) && i.Spends.Kind == grant.DeviceType
}

var deviceRedemptionPlants = []plant{
	{"redeems only codes that a redirect has carried", []string{
		"Devices/a device code is redeemed for a live token and the first generation",
	}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		if redeemsDevice(i) {
			return ports.ErrNotFound
		}
		return s.Ledger.Commit(ctx, i)
	}), nil},
	{"redeems a device code by reading first and writing after", []string{
		"Devices/one of many concurrent redemptions of a device code wins and leaves the only token",
	}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		if !redeemsDevice(i) {
			return s.Ledger.Commit(ctx, i)
		}
		d, err := peek(ctx, s, i.Spends.Digest)
		if err != nil || !d.Family.SpentAt.IsZero() {
			return errors.Join(err, ports.ErrSpent)
		}
		roundTrip()
		if err := s.Ledger.Commit(ctx, i); !errors.Is(err, ports.ErrSpent) {
			return err
		}
		return s.Ledger.Commit(ctx, free(i))
	}), nil},
	{"redeems a device code again and again", []string{
		"Devices/a device code that is spent, expired or revoked buys nothing",
		"Devices/one of many concurrent redemptions of a device code wins and leaves the only token",
	}, commits(func(ctx context.Context, s ports.Storage, i token.Issuance) error {
		err := s.Ledger.Commit(ctx, i)
		if errors.Is(err, ports.ErrSpent) && redeemsDevice(i) {
			return s.Ledger.Commit(ctx, free(i))
		}
		return err
	}), nil},
	{"looks at no expiry of a device code", []string{
		"Devices/a device code that is spent, expired or revoked buys nothing",
	}, changed(func(i *token.Issuance) {
		if redeemsDevice(*i) {
			i.Spends.ExpiresAt = time.Time{}
		}
	}), nil},
	{"leaves the devices of a client that was disabled", []string{
		"Devices/disabling a client ends the families of its devices",
	}, disablesInName, nil},
	{"disables people in name only", []string{
		"Devices/disabling a person ends the families of their devices",
	}, ownBook(func(context.Context, ports.Storage, user.User) {}), nil},
}
