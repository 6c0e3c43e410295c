package argon2

import (
	"fmt"
	"strconv"
	"strings"
)

// Limits of what is verified, so that no row can ask for the machine's whole memory or for minutes of a core.
const (
	maxMemory  = 256 * 1024     // KiB
	maxWork    = 4 * 256 * 1024 // KiB times passes
	maxThreads = 16
	perThread  = 8 // KiB that a thread needs (RFC 9106, 3.1)
)

// cost is what computing a hash takes.
type cost struct {
	memory, time uint32
	threads      uint8
}

func costOf(c Config) cost {
	k := cost{c.Memory, c.Time, c.Threads}
	if k.memory == 0 {
		k.memory = defaultMemory
	}
	if k.time == 0 {
		k.time = defaultTime
	}
	if k.threads == 0 {
		k.threads = defaultThreads
	}
	k.threads = min(k.threads, maxThreads)
	k.memory = min(max(k.memory, perThread*uint32(k.threads)), maxMemory)
	k.time = min(k.time, maxWork/k.memory)
	return k
}

func (k cost) String() string { return fmt.Sprintf("m=%d,t=%d,p=%d", k.memory, k.time, k.threads) }

// parseCost reads what String writes, within the limits. That the spelling is the one that String writes is for parsePHC to see.
func parseCost(text string) (cost, bool) {
	fields := strings.Split(text, ",")
	if len(fields) != 3 {
		return cost{}, false
	}
	var values [3]uint32
	for i, name := range []string{"m=", "t=", "p="} {
		digits, found := strings.CutPrefix(fields[i], name)
		n, err := strconv.ParseUint(digits, 10, 32)
		if !found || err != nil {
			return cost{}, false
		}
		values[i] = uint32(n)
	}
	if values[2] > maxThreads {
		return cost{}, false
	}
	k := cost{values[0], values[1], uint8(values[2])}
	return k, k.payable()
}

func (k cost) payable() bool {
	return k.threads >= 1 && k.time >= 1 && k.memory >= perThread*uint32(k.threads) &&
		k.memory <= maxMemory && uint64(k.memory)*uint64(k.time) <= maxWork
}
