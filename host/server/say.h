#pragma once

#include <iostream>
#include <string>

namespace tutti::host {

// A line for the operator at the terminal, at once.
inline void Say(const std::string& line) {
  std::cout << line << std::endl;
}

}  // namespace tutti::host
