package pages

import "strings"

// DeviceCode asks for the code that a device shows (RFC 8628, 3.3). Its form posts handle and user_code to Action.
type DeviceCode struct {
	Page
	Handle   string // of the pending request
	UserCode string // typed before, or taken from a link, to be looked at
	Problem  string // why the last try failed
	Action   string
}

// maxCode is longer than any code, however it is spaced.
const maxCode = 64

func (d DeviceCode) view() (string, any) {
	d.Page, d.Problem = d.shown(), sentence(d.Problem)
	if len(d.UserCode) > maxCode {
		d.UserCode = ""
	}
	d.UserCode = visible(d.UserCode)
	return "device.html", d
}

// DeviceDone tells a person that the device has its answer.
type DeviceDone struct {
	Page
	App     string // the name of the client
	Allowed bool
}

func (d DeviceDone) view() (string, any) {
	d.Page, d.App = d.shown(), name(d.App)
	return "device-done.html", d
}

// From says in words where a device asked from: an address, or the network that stands for all addresses of its holder.
func From(source string) string {
	switch {
	case source == "":
		return "an unknown address"
	case strings.Contains(source, "/"):
		return "the network " + source
	}
	return "the address " + source
}
