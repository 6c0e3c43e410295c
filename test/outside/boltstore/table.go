package boltstore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"go.etcd.io/bbolt"
)

// txn is a transaction that remembers the first thing that went wrong in it. Who reads and writes need not look: change and look do,
// before anything counts.
type txn struct {
	*bbolt.Tx
	now time.Time
	err error
}

func (tx *txn) fail(what string, err error) {
	if err != nil && tx.err == nil {
		tx.err = fmt.Errorf("%s: %w", what, err)
	}
}

// put writes a value; the bucket is made when it is first needed.
func (tx *txn) put(bucket, key string, value []byte) {
	b, err := tx.CreateBucketIfNotExists([]byte(bucket))
	if err == nil {
		err = b.Put([]byte(key), value)
	}
	tx.fail("write "+bucket, err)
}

// sequence returns a number that is greater than every one before.
func (tx *txn) sequence(bucket string) uint64 {
	b, err := tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		tx.fail("number "+bucket, err)
		return 0
	}
	n, err := b.NextSequence()
	tx.fail("number "+bucket, err)
	return n
}

func (tx *txn) drop(bucket, key string) {
	if b := tx.Bucket([]byte(bucket)); b != nil {
		tx.fail("write "+bucket, b.Delete([]byte(key)))
	}
}

// table keeps things of one kind in a bucket: D as the domain has them, R as JSON can hold them.
type table[D, R any] struct {
	name   string
	row    func(D) R
	domain func(R) D
}

// plain is a table of things that JSON can hold as they are.
func plain[D any](name string) table[D, D] {
	same := func(d D) D { return d }
	return table[D, D]{name, same, same}
}

func (b table[D, R]) find(tx *txn, key string) (d D, ok bool) {
	bucket := tx.Bucket([]byte(b.name))
	if bucket == nil {
		return d, false
	}
	value := bucket.Get([]byte(key))
	if value == nil {
		return d, false
	}
	return b.decode(tx, value), true
}

func (b table[D, R]) put(tx *txn, key string, d D) {
	value, err := json.Marshal(b.row(d))
	tx.fail("encode "+b.name, err)
	tx.put(b.name, key, value)
}

func (b table[D, R]) drop(tx *txn, key string) { tx.drop(b.name, key) }

// page lists at most limit rows whose keys begin with a prefix and come after a key, in the order of their keys.
func (b table[D, R]) page(tx *txn, prefix, after string, limit int) []D {
	var all []D
	bucket := tx.Bucket([]byte(b.name))
	if bucket == nil {
		return nil
	}
	c := bucket.Cursor()
	for k, v := c.Seek([]byte(max(prefix, after))); k != nil && bytes.HasPrefix(k, []byte(prefix)) && len(all) < limit; k, v = c.Next() {
		if string(k) > after {
			all = append(all, b.decode(tx, v))
		}
	}
	return all
}

// everything is a limit that is none.
const everything = int(^uint(0) >> 1)

func (b table[D, R]) all(tx *txn) []D { return b.page(tx, "", "", everything) }

// purge removes at most limit rows that are waste, and counts them.
func (b table[D, R]) purge(tx *txn, limit int, waste func(D) bool, remove func(tx *txn, key string, d D)) int {
	bucket := tx.Bucket([]byte(b.name))
	if bucket == nil {
		return 0
	}
	var keys []string
	var rows []D
	c := bucket.Cursor()
	for k, v := c.First(); k != nil && len(keys) < limit; k, v = c.Next() {
		if d := b.decode(tx, v); waste(d) {
			keys, rows = append(keys, string(k)), append(rows, d)
		}
	}
	for i, k := range keys { // only now, for what is removed moves a cursor
		remove(tx, k, rows[i])
	}
	return len(keys)
}

// forget removes a row that nothing else names.
func (b table[D, R]) forget(tx *txn, key string, _ D) { b.drop(tx, key) }

func (b table[D, R]) decode(tx *txn, value []byte) D {
	var r R
	tx.fail("decode "+b.name, json.Unmarshal(value, &r))
	settle(reflect.ValueOf(&r).Elem())
	return b.domain(r)
}

// settle brings every time of a row to UTC and whole microseconds.
func settle(v reflect.Value) {
	switch t, isTime := v.Interface().(time.Time); {
	case isTime:
		v.Set(reflect.ValueOf(utc(t)))
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				settle(v.Field(i))
			}
		}
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			settle(v.Index(i))
		}
	}
}
