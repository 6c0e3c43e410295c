package pages_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestTheStylesheetIsSmallAndKeepsToItself(t *testing.T) {
	t.Parallel()
	p := builtIn(t)
	style := string(p.Stylesheet())
	if len(style) >= 10_000 {
		t.Errorf("got %d bytes; want less than 10 kB", len(style))
	}
	for _, never := range []string{"url(", "@import", "@font-face", "expression("} {
		if strings.Contains(style, never) {
			t.Errorf("got %s; want nothing that is fetched", never)
		}
	}
	for _, want := range []string{"prefers-color-scheme: dark", "prefers-reduced-motion", ":focus-visible"} {
		if !strings.Contains(style, want) {
			t.Errorf("want %s", want)
		}
	}
	if !regexp.MustCompile(`^passport\.[0-9a-f]{16}\.css$`).MatchString(p.StylesheetName()) {
		t.Errorf("got %s; want a name with a hash", p.StylesheetName())
	}
}

func TestEveryTextCanBeReadOnItsGround(t *testing.T) {
	t.Parallel()
	light, dark, ok := strings.Cut(string(builtIn(t).Stylesheet()), "prefers-color-scheme: dark")
	if !ok {
		t.Fatal("no dark colours")
	}
	for scheme, css := range map[string]string{"light": light, "dark": dark} {
		colours := map[string]float64{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
			colours[m[1]] = luminance(t, m[2])
		}
		for _, pair := range []struct {
			text, ground string
			least        float64 // WCAG 2.2: 1.4.3 for text, 1.4.11 for the edges of what can be used
		}{
			{"ink", "ground", 4.5},
			{"ink", "card", 4.5},
			{"ink", "panel", 4.5},
			{"ink", "wash", 4.5},
			{"quiet", "ground", 4.5},
			{"quiet", "card", 4.5},
			{"quiet", "panel", 4.5},
			{"accent", "card", 4.5},
			{"accent", "panel", 4.5},
			{"accent", "wash", 4.5},
			{"accent-hover", "panel", 4.5},
			{"on-accent", "accent", 4.5},
			{"on-accent", "accent-hover", 4.5},
			{"alarm", "alarm-ground", 4.5},
			{"edge", "card", 3},
			{"accent", "ground", 3},
			{"alarm-line", "card", 3},
		} {
			if got := contrast(colours[pair.text], colours[pair.ground]); got < pair.least {
				t.Errorf("%s: %s on %s: got %.2f; want %.1f", scheme, pair.text, pair.ground, got, pair.least)
			}
		}
	}
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		v := float64(n) / 255
		if v <= 0.04045 {
			sum += weight * v / 12.92
			continue
		}
		sum += weight * math.Pow((v+0.055)/1.055, 2.4)
	}
	return sum
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }
