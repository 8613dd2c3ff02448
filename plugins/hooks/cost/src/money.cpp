#include "money.h"

#include <cstdio>

namespace tutti::cost {

std::string FormatDollars(PicoDollars amount) {
  char text[48];
  std::snprintf(text, sizeof text, "%lld.%012lld", static_cast<long long>(amount / kPicoDollarsPerDollar),
                static_cast<long long>(amount % kPicoDollarsPerDollar));
  std::string number = text;
  number.erase(number.find_last_not_of('0') + 1);
  if (number.ends_with('.')) {
    number += '0';
  }
  return number;
}

}  // namespace tutti::cost
