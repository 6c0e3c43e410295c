// Package testingapi holds the tests of an API as a team writes them: every caller that it must let in or turn away, with real tokens. The
// API is that of package nethttpapi.
package testingapi
