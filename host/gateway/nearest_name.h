// The known name a misspelt one most likely meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tutti::host {

// Up to three names, nearest first, at most a third of their letters away. Empty: nothing is near.
std::vector<std::string> NearestNames(std::string_view wanted, const std::vector<std::string>& names);

// "; did you mean 'a' or 'b'?", or empty.
std::string DidYouMean(std::string_view wanted, const std::vector<std::string>& names);

}  // namespace tutti::host
