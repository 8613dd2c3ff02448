// Bodies nobody would send on purpose: valid JSON with something changed, and bytes that are none.
#pragma once

#include <random>
#include <string>
#include <string_view>

namespace tutti::validator {

// The same sequence on every machine for one seed.
using Random = std::mt19937_64;

// Below `limit`; REQUIRES: limit > 0.
std::size_t Below(Random& random, std::size_t limit);

// Changes one to four places of a JSON text: values replaced, members dropped, doubled or renamed, deep nesting, long
// and unusual strings, bytes flipped, cut or doubled. Half of the results are still JSON, roughly.
std::string Mutate(std::string_view json, Random& random);

// Up to 600 bytes of anything.
std::string Noise(Random& random);

}  // namespace tutti::validator
