#include "host/manifest/node.h"

#include "host/logging/redaction.h"
#include "tutti/sdk/nearest.hpp"

namespace tutti::host {

const Member* Node::FindMember(std::string_view key) const {
  for (const Member& member : members) {
    if (member.key == key) {
      return &member;
    }
  }
  return nullptr;
}

const Node* Node::Find(std::string_view key) const {
  const Member* member = FindMember(key);
  return member == nullptr ? nullptr : &member->value;
}

std::string Node::TextAt(std::string_view key) const {
  const Node* child = Find(key);
  return child != nullptr && child->is_scalar() ? child->text : std::string();
}

std::string Describe(const Node& node) {
  constexpr std::size_t kShown = 60;
  switch (node.kind) {
    case Node::Kind::kNull:
      return "nothing";
    case Node::Kind::kSequence:
      return "a list";
    case Node::Kind::kMap:
      return "a map";
    case Node::Kind::kScalar:
      break;
  }
  if (node.text.empty()) {
    return "empty text";
  }
  // Problems are printed and logged, and the value may be a password.
  const std::string shown = Redact(node.path.substr(node.path.rfind('.') + 1), node.text);
  return "'" + (shown.size() > kShown ? shown.substr(0, kShown) + "..." : shown) + "'";
}

Problem ProblemAt(const Node& node, std::string message, std::string nearest) {
  return {node.place, node.path, std::move(message), std::move(nearest)};
}

Problem ProblemAt(const Member& member, std::string message, std::string nearest) {
  return {member.place, member.value.path, std::move(message), std::move(nearest)};
}

Problem UnknownKey(const Member& member, const std::vector<std::string>& known) {
  const std::string expected =
      known.empty() ? "; no key is expected here, remove it" : "; expected one of " + JoinNames(known);
  return ProblemAt(member, "unknown key '" + member.key + "'" + expected, Nearest(member.key, known));
}

}  // namespace tutti::host
