package config

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Resolved returns the configuration with every default filled in, for json.Marshal. Its keys stand in the order of
// the help page and its paths are as written. The JSON is itself a configuration with the same meaning.
func (c *Config) Resolved() any { return topTable.show(c) }

// Hash returns a fingerprint of the resolved configuration: two texts that mean the same have the same one, whatever
// their layout. The contents of the files named do not enter.
func (c *Config) Hash() string {
	text, err := json.Marshal(c.Resolved())
	if err != nil {
		panic("config: " + err.Error()) // every value of a checked configuration can be written
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
