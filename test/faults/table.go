package main

import (
	"fmt"
	"io"
	"time"
)

const layout = "%-14s %-8s %-8s %6s %8s %8s %6s %5s %6s %5s %7s %5s %5s %9s %9s %7s  %s\n"

func heading(w io.Writer) {
	fmt.Fprintf(w, layout, "fault", "of", "engine", "times", "requests", "acked", "503", "lost", "double", "half", "revived", "false", "rude",
		"recovery", "slowest", "took", "")
}

const shown = 6

// print writes a line of the table, and what was found below it.
func (r result) print(w io.Writer) {
	n := func(v int) string { return fmt.Sprint(v) }
	counts := map[breach]string{}
	for _, b := range breaches {
		counts[b] = n(r.count(b))
	}
	fmt.Fprintf(w, layout, r.fault.name, r.fault.id, r.engine, n(r.happened), n(r.requests), n(r.acknowledged), n(r.unavailable),
		counts[lostWord], counts[doubled], counts[halfDone], counts[revived], counts[falsified], counts[rude],
		r.recovery.Round(time.Millisecond), r.slowest.Round(time.Millisecond), r.took.Round(100*time.Millisecond), r.verdict())
	if r.passed() {
		return
	}
	for i, f := range r.sorted() {
		if i == shown {
			fmt.Fprintf(w, "    and %d more\n", len(r.findings)-shown)
			break
		}
		fmt.Fprintf(w, "    %s: %s\n", f.breach, f.what)
	}
}

func (r result) verdict() string {
	switch {
	case r.err != nil:
		return "FAILED: " + r.err.Error()
	case r.skipped != "":
		return "skipped: " + r.skipped
	case r.fault.blind && r.passed():
		return "ok: the loss was seen"
	case r.fault.blind:
		return "FAILED: no loss was seen"
	case r.passed():
		return "ok"
	}
	return "FAILED"
}

// add takes in what happened in another chunk.
func (r *result) add(o result) {
	r.requests += o.requests
	r.acknowledged += o.acknowledged
	r.unavailable += o.unavailable
	r.lost += o.lost
	r.happened += o.happened
	r.slowest, r.recovery = max(r.slowest, o.slowest), max(r.recovery, o.recovery)
	r.findings = append(r.findings, o.findings...)
	if r.err == nil {
		r.err = o.err
	}
	r.skipped = o.skipped
}
