package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sizes of what is drawn: cards of an operation each, side by side, with a plot of its rates and one of its latencies.
const (
	cardsAcross          = 3
	cardWidth, cardHigh  = 440.0, 250.0
	gap                  = 16.0
	plotWidth, plotHigh  = 165.0, 135.0
	headHigh             = 96.0
	plotTop, plotLeft    = 62.0, 42.0
	betweenPlots, inside = 212.0, 14.0
)

// chart draws everything that was measured, for a person to look at.
func (r report) chart() string {
	d := &svg{}
	high := 0.0
	for _, e := range r.Engines {
		high += headHigh + e.cardRows()*(cardHigh+gap)
	}
	d.open(int(cardsAcross*(cardWidth+gap)+gap), int(high+gap))
	y := 0.0
	for _, e := range r.Engines {
		y = r.section(d, e, y)
	}
	d.close()
	return d.String()
}

func (e engineReport) cardRows() float64 {
	return math.Ceil(float64(len(e.operations())) / cardsAcross)
}

// operations lists those measured, in their order.
func (e engineReport) operations() []string {
	var all []string
	for _, row := range e.Rows {
		if !slices.Contains(all, row.Operation) {
			all = append(all, row.Operation)
		}
	}
	return all
}

// section draws an engine, and returns where the next begins.
func (r report) section(d *svg, e engineReport, y float64) float64 {
	d.text(gap, y+34, "h", e.Name)
	d.text(gap, y+54, "s", e.About)
	d.text(gap, y+70, "s", r.Machine.String())
	x := gap
	for i, name := range e.names() {
		d.line([]point{{x, y + 84}, {x + 18, y + 84}}, e.color(i), "")
		d.text(x+24, y+88, "", name)
		x += 34 + 8*float64(len(name))
	}
	d.text(x+20, y+88, "s", "left: requests per second, bars from the slowest to the fastest round; right: latency in ms, p50 drawn through and p99 dashed; below: server / floor")
	for i, name := range e.operations() {
		at := point{gap + float64(i%cardsAcross)*(cardWidth+gap), y + headHigh + float64(i/cardsAcross)*(cardHigh+gap)}
		e.card(d, name, at)
	}
	return y + headHigh + e.cardRows()*(cardHigh+gap)
}

// color is a side's; the floor is grey.
func (e engineReport) color(i int) string {
	if i == len(e.Sides)-1 {
		return "#9ca3af"
	}
	return []string{"#2563eb", "#ea580c", "#16a34a"}[i%3]
}

// card draws an operation.
func (e engineReport) card(d *svg, operation string, at point) {
	d.box(at.x, at.y, cardWidth, cardHigh)
	d.text(at.x+inside, at.y+24, "t", strings.ReplaceAll(operation, "_", " "))
	var rows []row
	for _, row := range e.Rows {
		if row.Operation == operation {
			rows = append(rows, row)
		}
	}
	e.rates(d, rows, point{at.x + plotLeft, at.y + plotTop})
	e.latencies(d, rows, point{at.x + plotLeft + betweenPlots, at.y + plotTop})
}

// column is where a row stands in a plot: steps of connections are as far from each other as the list has them.
func column(origin point, i, n int) float64 {
	return origin.x + plotWidth*(float64(i)+0.5)/float64(n)
}

func (e engineReport) rates(d *svg, rows []row, origin point) {
	names, top := e.names(), 0.0
	for _, r := range rows {
		for _, name := range names {
			_, most := r.spread(name)
			top = max(top, most)
		}
	}
	top = roundUp(top)
	at := func(v float64) float64 { return origin.y + plotHigh*(1-v/top) }
	for _, share := range []float64{0, 0.5, 1} {
		d.grid(origin.x, at(top*share), plotWidth)
		d.text(origin.x-5, at(top*share)+4, "e s", short(top*share))
	}
	for i, name := range names {
		var points []point
		for n, r := range rows {
			x := column(origin, n, len(rows))
			least, most := r.spread(name)
			d.line([]point{{x, at(least)}, {x, at(most)}}, e.color(i), "")
			points = append(points, point{x, at(r.rate(name))})
		}
		d.curve(points, e.color(i), "")
	}
	for n, r := range rows {
		x := column(origin, n, len(rows))
		d.text(x, origin.y+plotHigh+18, "m", strconv.Itoa(r.Conns))
		d.text(x, origin.y+plotHigh+34, "m s", fmt.Sprintf("× %.2f", r.ratio(names[0], names[len(names)-1])))
	}
	d.text(origin.x+plotWidth/2, origin.y-12, "m s", "requests/s at so many connections")
}

func (e engineReport) latencies(d *svg, rows []row, origin point) {
	low, high := math.Inf(1), math.Inf(-1)
	for _, r := range rows {
		for _, name := range e.names() {
			low, high = min(low, decades(r.latency(name, p50))), max(high, decades(r.latency(name, p99)))
		}
	}
	low, high = math.Floor(low), math.Max(math.Ceil(high), math.Floor(low)+1)
	at := func(v float64) float64 { return origin.y + plotHigh*(1-(v-low)/(high-low)) }
	for v := low; v <= high; v++ {
		d.grid(origin.x, at(v), plotWidth)
		d.text(origin.x-5, at(v)+4, "e s", short(math.Pow(10, v)))
	}
	for i, name := range e.names() {
		var middle, tail []point
		for n, r := range rows {
			x := column(origin, n, len(rows))
			middle = append(middle, point{x, at(decades(r.latency(name, p50)))})
			tail = append(tail, point{x, at(decades(r.latency(name, p99)))})
		}
		d.curve(middle, e.color(i), "")
		d.curve(tail, e.color(i), "4 3")
	}
	for n, r := range rows {
		d.text(column(origin, n, len(rows)), origin.y+plotHigh+18, "m", strconv.Itoa(r.Conns))
	}
	d.text(origin.x+plotWidth/2, origin.y-12, "m s", "ms, p50 and p99")
}

// curve is a line with a dot for each measurement.
func (d *svg) curve(points []point, color, dashes string) {
	d.line(points, color, dashes)
	for _, p := range points {
		d.dot(p, color)
	}
}

// decades is a latency on a logarithmic scale: 0 is a millisecond, 1 ten.
func decades(t time.Duration) float64 {
	return math.Log10(max(0.001, float64(t)/float64(time.Millisecond)))
}

// roundUp is the next round number that is not less.
func roundUp(v float64) float64 {
	for step := 1.0; ; step *= 10 {
		for _, n := range []float64{1, 1.5, 2, 3, 4, 6, 8} {
			if n*step >= v {
				return n * step
			}
		}
	}
}

// short writes thousands as k.
func short(v float64) string {
	if v >= 1000 {
		return strconv.FormatFloat(v/1000, 'g', 3, 64) + "k"
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
