package cli

import "github.com/spf13/cobra"

// page is which part of a long list is wanted.
type page struct {
	after string
	limit int
	all   bool
}

// pageSize is how much is read at once.
const pageSize = 50

func (p *page) add(c *cobra.Command) {
	c.Flags().StringVar(&p.after, "after", "", "begin behind this id")
	c.Flags().IntVar(&p.limit, "limit", pageSize, "how many, at most 200")
	c.Flags().BoolVar(&p.all, "all", false, "list all")
	c.MarkFlagsMutuallyExclusive("limit", "all")
}

func (p page) check() error {
	if p.limit < 1 || p.limit > 200 {
		return usage("--limit must be between 1 and 200")
	}
	return nil
}

// pages reads a list page by page and returns the id behind which there is more; empty where there is no more.
func pages[T any](p page, read func(after string, limit int) ([]T, error), id func(T) string) (found []T, more string, err error) {
	for after := p.after; ; {
		part, err := read(after, p.limit+1)
		if err != nil {
			return nil, "", err
		}
		if len(part) <= p.limit {
			return append(found, part...), "", nil
		}
		found = append(found, part[:p.limit]...)
		after = id(part[p.limit-1])
		if !p.all {
			return found, after, nil
		}
	}
}

func (s *shell) noteMore(after string) {
	if after != "" {
		s.note("There are more: --after %s, or --all", after)
	}
}
