package main

import (
	"fmt"
	"html"
	"strings"
)

// svg is a drawing under way.
type svg struct{ strings.Builder }

const style = `text{font:11px system-ui,sans-serif;fill:#374151}.h{font-size:20px;font-weight:600;fill:#111827}.t{font-size:14px;font-weight:600;fill:#111827}
.s{fill:#6b7280}.e{text-anchor:end}.m{text-anchor:middle}.g{stroke:#e5e7eb}.c{fill:#fff;stroke:#d1d5db}`

func (d *svg) open(width, height int) {
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d"><style>%s</style><rect width="%d" height="%d" fill="#f9fafb"/>`+"\n",
		width, height, width, height, style, width, height)
}

func (d *svg) close() { d.WriteString("</svg>\n") }

func (d *svg) text(x, y float64, class, words string) {
	fmt.Fprintf(d, `<text x="%.1f" y="%.1f" class="%s">%s</text>`+"\n", x, y, class, html.EscapeString(words))
}

func (d *svg) box(x, y, width, height float64) {
	fmt.Fprintf(d, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="6" class="c"/>`+"\n", x, y, width, height)
}

func (d *svg) grid(x, y, width float64) {
	fmt.Fprintf(d, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="g"/>`+"\n", x, y, x+width, y)
}

func (d *svg) dot(at point, color string) {
	fmt.Fprintf(d, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", at.x, at.y, color)
}

// point is a place on the drawing.
type point struct{ x, y float64 }

// line joins points; dashes may be empty.
func (d *svg) line(points []point, color, dashes string) {
	var all []string
	for _, p := range points {
		all = append(all, fmt.Sprintf("%.1f,%.1f", p.x, p.y))
	}
	fmt.Fprintf(d, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2" stroke-dasharray="%s"/>`+"\n", strings.Join(all, " "), color, dashes)
}
