package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func rounds(rates ...float64) []result {
	var all []result
	for _, r := range rates {
		all = append(all, result{Rate: r, P50: time.Duration(1e9 / r), P99: time.Duration(3e9 / r), Answers: int(r)})
	}
	return all
}

func someReport() report {
	return report{machine{CPU: "<one> & another"}, []engineReport{{
		Name: "sqlite", About: "a file", Sides: []sideReport{{Name: "server", StartMS: 12, IdleMB: 20}, {Name: "floor", StartMS: 9, IdleMB: 10}},
		Rows: []row{
			{"refresh_token", 1, map[string][]result{"server": rounds(100, 300, 200), "floor": rounds(100, 200, 400)}},
			{"refresh_token", 64, map[string][]result{"server": rounds(900), "floor": rounds(300)}},
			{"jwks", 1, map[string][]result{"server": rounds(5), "floor": rounds(7)}},
		},
	}}}
}

func TestATableShowsMedianSpreadAndTheMedianOfTheRoundsOwnRatios(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	e := someReport().Engines[0]
	e.Rows[0].print(&b, e.names())
	got := strings.Fields(b.String())
	want := strings.Fields("refresh_token 1 200 100-300 5.00 15.0 200 100-400 5.00 15.0 1.00")
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %q; want %q", got, want)
	}
}

func TestTheMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle(t *testing.T) {
	t.Parallel()
	if got := median([]float64{4, 1, 2, 9}); got != 3 {
		t.Errorf("got %v; want 3", got)
	}
}

func TestAReportIsWrittenAsJSONAndDrawn(t *testing.T) {
	t.Parallel()
	o := options{json: filepath.Join(t.TempDir(), "a.json"), svg: filepath.Join(t.TempDir(), "a.svg")}
	if err := someReport().write(o); err != nil {
		t.Fatal(err)
	}
	var back report
	if b, err := os.ReadFile(o.json); err != nil || json.Unmarshal(b, &back) != nil || back.Engines[0].Rows[1].Sides["server"][0].Rate != 900 {
		t.Errorf("JSON: got %s, %v; want all rounds in it", b, err)
	}
	drawn, err := os.ReadFile(o.svg)
	if err != nil {
		t.Fatal(err)
	}
	for d := xml.NewDecoder(bytes.NewReader(drawn)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("SVG: got %v; want well-formed XML", err)
		}
	}
	for _, words := range []string{"refresh token", "jwks", "× 3.00", "&lt;one&gt; &amp; another"} {
		if !strings.Contains(string(drawn), words) {
			t.Errorf("SVG: got no %q in it", words)
		}
	}
	for _, nonsense := range []string{"NaN", "Inf"} {
		if strings.Contains(string(drawn), nonsense) {
			t.Errorf("SVG: got %s in it", nonsense)
		}
	}
}
