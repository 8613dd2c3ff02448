// A parsed configuration value that remembers where it was written.
//
// Plain values, copied freely; a Node owns its children. Independent of the YAML library, so that merging files and
// checking against schemas need nothing of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/manifest/problem.h"

namespace tutti::host {

struct Member;

struct Node {
  enum class Kind { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  Place place;
  std::string path;
  std::string text;         // of a scalar, variables replaced
  bool quoted = false;      // of a scalar: written in quotes or as a block, so never a number or a boolean by itself
  std::vector<Node> items;  // of a sequence
  std::vector<Member> members;  // of a map, in the order of the file, keys unique

  [[nodiscard]] bool is_map() const { return kind == Kind::kMap; }

  [[nodiscard]] bool is_sequence() const { return kind == Kind::kSequence; }

  [[nodiscard]] bool is_scalar() const { return kind == Kind::kScalar; }

  // nullptr when this is no map or has no such key.
  [[nodiscard]] const Node* Find(std::string_view key) const;
  [[nodiscard]] const Member* FindMember(std::string_view key) const;

  // The text of a scalar child, or empty.
  [[nodiscard]] std::string TextAt(std::string_view key) const;
};

struct Member {
  std::string key;
  Place place;  // of the key
  Node value;
};

// The value as a reader would recognise it: 'text', [list], {map} or nothing. Long text is cut, secrets are
// masked.
std::string Describe(const Node& node);

Problem ProblemAt(const Node& node, std::string message, std::string nearest = {});
Problem ProblemAt(const Member& member, std::string message, std::string nearest = {});

// "unknown key 'x'; expected one of a, b", with the nearest of them.
Problem UnknownKey(const Member& member, const std::vector<std::string>& known);

}  // namespace tutti::host
