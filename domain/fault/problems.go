package fault

// Problems is what is wrong with something a person typed or configured: all of it at once, in words for that person.
type Problems struct{ All error }

// Invalid wraps what validation found; nil where it found nothing.
func Invalid(all error) error {
	if all == nil {
		return nil
	}
	return &Problems{all}
}

// Error lists the problems, one a line.
func (p *Problems) Error() string { return p.All.Error() }

// Unwrap returns the problems.
func (p *Problems) Unwrap() error { return p.All }
