// Amounts of money as whole numbers, so that sums stay exact.
#pragma once

#include <cstdint>
#include <string>

namespace tutti::cost {

// Millionths of a millionth of a dollar: one token costs a whole number of them.
using PicoDollars = std::int64_t;

inline constexpr PicoDollars kPicoDollarsPerDollar = 1'000'000'000'000;

// Dollars as a JSON number, exact. `amount` is not negative.
std::string FormatDollars(PicoDollars amount);

}  // namespace tutti::cost
