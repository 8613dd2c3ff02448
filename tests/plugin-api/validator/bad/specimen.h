// What the specimens share: one command, and a place to do something wrong.
#pragma once

#include <string>
#include <string_view>

#include "tutti/sdk/plugin.hpp"

class Specimen {
 public:
  explicit Specimen(const tutti::Host& host) : host_(host) {}

  static std::string Commands() {
    return R"([{"name":"specimen.greet","summary":"Greets.","effects":"read",)"
           R"("input":{"type":"object","required":["name"],"properties":{"name":{"type":"string"}}}}])";
  }

 protected:
  tutti::Host host_;
};
