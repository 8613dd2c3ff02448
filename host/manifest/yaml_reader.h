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

// The content of a file on disk, cut one byte beyond kMaxFileBytes: enough for ParseYaml to refuse it.
std::optional<std::string> ReadTextFile(const std::string& file, Problems& problems);

// Both together.
std::optional<Node> ReadYamlFile(const std::string& file, const Variables* variables, Problems& problems);

}  // namespace tutti::host
