package granttest

import (
	"slices"

	"github.com/gopassport/passport/application/exchange"
	"github.com/gopassport/passport/domain/fault"
)

func typeIsFit(b *bench) {
	if _, err := exchange.New(exchange.Tools{}, exchange.Grants{b.subject.Grant}); err != nil {
		b.Errorf("type: got error %v; want a plain name or an absolute URI", err)
	}
	first := b.subject.Grant.Type()
	_, _ = b.decide(b.Context(), b.subject.Good())
	if again := b.subject.Grant.Type(); again != first {
		b.Errorf("type: got %q, and then %q; want the same each time", first, again)
	}
}

// pipelines are the parameters that the pipeline reads.
var pipelines = []string{
	"grant_type", "scope", "resource", "client_id", "client_secret", "client_assertion", "client_assertion_type",
}

func paramsAreFit(b *bench) {
	names := b.subject.Grant.Params()
	_, _ = b.decide(b.Context(), b.subject.Good())
	for range 2 {
		if again := b.subject.Grant.Params(); !slices.Equal(names, again) {
			b.Errorf("parameters: got %q, and then %q; want the same each time", names, again)
		}
	}
	for i, name := range names {
		switch {
		case name == "":
			b.Errorf("parameters: got an empty name in %q", names)
		case slices.Contains(names[:i], name):
			b.Errorf("parameters: got %s twice", name)
		case slices.Contains(pipelines, name):
			b.Errorf("parameters: got %s, which is the pipeline's; want names of the grant's own", name)
		}
	}
}

func metadataListsIt(b *bench) {
	b.running()
	listed := b.server.Types()
	if !slices.Contains(listed, b.subject.Grant.Type()) {
		b.Errorf("listed types: got %q; want %q among them", listed, b.subject.Grant.Type())
	}
	if _, err := b.ask(b.Client, b.subject.Good(), ""); isCode(err, fault.UnsupportedGrantType) {
		b.Errorf("ask for %q: got %v; want it served", b.subject.Grant.Type(), err)
	}
}

func isCode(err error, codes ...fault.Code) bool {
	f, ok := fault.As(err)
	return ok && slices.Contains(codes, f.Code)
}
