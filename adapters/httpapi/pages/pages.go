// Package pages shows the few pages a person meets: sign in, allow an app, connect a device, look after tokens, sign out, and what
// went wrong.
//
// They are HTML made on the server and one stylesheet. None needs a script, an inline style, or anything from another host, so
// a Content-Security-Policy of default-src 'none' with style-src 'self' and img-src 'self' fits them. A team replaces any of the
// files in html/ by one of the same name in a directory of its own.
package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed html
var embedded embed.FS

const (
	layoutFile = "layout.html"
	styleFile  = "passport.css"
)

// View is the data of one page, such as Login, Consent or Problem.
type View interface {
	// view names the template, and returns the data with everything in it fit to be shown.
	view() (file string, data any)
}

// Pages renders pages. It is safe for concurrent use.
type Pages struct {
	templates map[string]*template.Template
	style     []byte
	styleName string
}

// New parses all pages. A file of override takes the place of the built-in one of the same name; nil overrides nothing. With an
// override every page is rendered once on trial, so that one which cannot work is refused here, by the name of its file; the built-in
// ones were tried before they came here.
func New(override fs.FS) (*Pages, error) {
	if override == nil {
		return builtIn()
	}
	return load(override, true)
}

// builtIn are parsed once a process, whoever asks: nothing of Pages changes afterwards, and a test suite has hundreds of servers.
var builtIn = sync.OnceValues(func() (*Pages, error) { return load(embed.FS{}, false) })

func load(override fs.FS, try bool) (*Pages, error) {
	if err := refuseStrangers(override); err != nil {
		return nil, err
	}
	style, err := read(override, styleFile)
	if err != nil {
		return nil, err
	}
	layout, err := parse(template.New(layoutFile), override, layoutFile)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(style)
	p := &Pages{map[string]*template.Template{}, style, "passport." + hex.EncodeToString(sum[:8]) + ".css"}
	for _, v := range samples() {
		err := p.add(v, layout, override)
		if err == nil && try {
			err = p.Write(io.Discard, v)
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Write renders a page to w: all of it, or nothing and an error.
func (p *Pages) Write(w io.Writer, v View) error {
	file, data := v.view()
	var page bytes.Buffer
	if err := p.templates[file].Execute(&page, data); err != nil {
		return fmt.Errorf("render %s: %w", file, err)
	}
	_, err := page.WriteTo(w)
	return err
}

// StylesheetName is the file name under which the stylesheet is served: it changes whenever the stylesheet does, so that
// browsers may keep it for ever.
func (p *Pages) StylesheetName() string { return p.styleName }

// Stylesheet is the stylesheet of all pages. It is shared: do not change it.
func (p *Pages) Stylesheet() []byte { return p.style }

// add parses the template of a sample, unless another sample did.
func (p *Pages) add(sample View, layout *template.Template, override fs.FS) error {
	file, _ := sample.view()
	if p.templates[file] != nil {
		return nil
	}
	frame, err := layout.Clone()
	if err != nil {
		return fmt.Errorf("copy %s: %w", layoutFile, err)
	}
	p.templates[file], err = parse(frame, override, file)
	return err
}

func parse(t *template.Template, override fs.FS, file string) (*template.Template, error) {
	text, err := read(override, file)
	if err != nil {
		return nil, err
	}
	if t, err = t.Parse(string(text)); err != nil {
		return nil, fmt.Errorf("parse %s: %w", file, err)
	}
	return t, nil
}

// read returns a file of the override, else the built-in one.
func read(override fs.FS, file string) ([]byte, error) {
	text, err := fs.ReadFile(override, file)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = embedded.ReadFile(path.Join("html", file))
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return text, nil
}

// refuseStrangers finds a misspelt override, which would otherwise be ignored in silence.
func refuseStrangers(override fs.FS) error {
	given, err := fs.ReadDir(override, ".")
	if err != nil {
		return fmt.Errorf("read the directory of pages: %w", err)
	}
	known, err := names(embedded, "html")
	if err != nil {
		return err
	}
	for _, f := range given {
		isOurs := strings.HasSuffix(f.Name(), ".html") || strings.HasSuffix(f.Name(), ".css")
		if isOurs && !slices.Contains(known, f.Name()) {
			return fmt.Errorf("%s is the name of no page; there are %s", f.Name(), strings.Join(known, ", "))
		}
	}
	return nil
}

func names(f fs.ReadDirFS, dir string) ([]string, error) {
	entries, err := f.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = e.Name()
	}
	return all, nil
}
