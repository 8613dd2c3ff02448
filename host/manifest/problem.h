// What is wrong in a configuration file, told so that the reader can put it right without looking anything up.
//
// Plain values; no ownership, no threads.
#pragma once

#include <string>
#include <vector>

namespace tutti::host {

// Line and column count from 1; 0 when the file as a whole is meant.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

struct Problem {
  Place place;
  std::string path;     // of the value, such as plugins[2].config.listen; empty for the whole file
  std::string message;  // what was expected, what was found, what to do
  std::string nearest;  // the valid name closest to a misspelt one; empty when none is close
};

using Problems = std::vector<Problem>;

// "etc/tutti.yaml:12: plugins[2].config.listn: unknown key, expected ... Did you mean 'listen'?"
std::string ToString(const Problem& problem);

// By file in order of first appearance, then line, then column. Duplicates are removed.
void SortProblems(Problems& problems);

}  // namespace tutti::host
