package boltstore

import (
	"bytes"
	"strconv"
	"strings"
)

// index is a bucket that lists members of something: the families of a client, the requests of a session.
type index string

func (x index) add(tx *txn, member string, of ...string) {
	tx.put(string(x), join(of...)+member, []byte(member))
}

func (x index) remove(tx *txn, member string, of ...string) { tx.drop(string(x), join(of...)+member) }

// of lists members. It has read them all when it returns, so that the caller may change the index.
func (x index) of(tx *txn, of ...string) []string {
	var all []string
	bucket := tx.Bucket([]byte(x))
	if bucket == nil {
		return nil
	}
	prefix, c := []byte(join(of...)), bucket.Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		all = append(all, string(v))
	}
	return all
}

// join makes a key of parts, each under its length, so that no two lists of parts have the same key.
func join(parts ...string) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(strconv.Itoa(len(p)) + ":" + p)
	}
	return b.String()
}
