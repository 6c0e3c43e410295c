package keyring

import (
	"fmt"
	"log/slog"
)

// words is an error that quotes nothing but the names of keys and files.
type words string

func (w words) Error() string { return string(w) }

// LogValue implements slog.LogValuer: whoever runs the server must learn what is wrong with its keys.
func (w words) LogValue() slog.Value { return slog.StringValue(string(w)) }

func said(format string, args ...any) error { return words(fmt.Sprintf(format, args...)) }
