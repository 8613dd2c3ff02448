// Reads one YAML file into a Node.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "host/manifest/node.h"
#include "host/manifest/variables.h"

namespace tutti::host {

// Bounds of a configuration file; more is refused with a sentence.
inline constexpr std::size_t kMaxFileBytes = 4 << 20;
inline constexpr std::size_t kMaxNodes = 100000;
inline constexpr int kMaxDepth = 64;

// Parses `text`, naming `file` in problems. Variables are replaced when `variables` is given. Problems (syntax,
// repeated keys, variables, bounds) are added; nothing is returned only when there is no tree at all.
std::optional<Node> ParseYaml(std::string_view text, const std::string& file, const Variables* variables,
                              Problems& problems);

// The same for a file on disk.
std::optional<Node> ReadYamlFile(const std::string& file, const Variables* variables, Problems& problems);

}  // namespace tutti::host
