// What most sources of a library read. A source names what it needs itself, for a release build has no such header.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tutti/sdk/json.hpp"
