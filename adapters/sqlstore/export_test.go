package sqlstore

import "io/fs"

// Over gives a store other migrations.
func (s *Store) Over(files fs.FS) { s.files = files }
