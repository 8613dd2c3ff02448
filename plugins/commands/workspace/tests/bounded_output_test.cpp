#include "bounded_output.h"

#include <gtest/gtest.h>

namespace tutti::workspace {
namespace {

TEST(BoundedOutput, KeepsShortStreamsWhole) {
  BoundedOutput output(10);
  output.Append("01234");
  output.Append("56789");
  EXPECT_EQ(output.Text(), "0123456789");
  EXPECT_EQ(output.dropped(), 0U);
}

TEST(BoundedOutput, KeepsBothEndsOfLongOnesHoweverTheyArrive) {
  for (const std::size_t piece : {1U, 3U, 7U, 100U}) {
    BoundedOutput output(10);
    std::string stream;
    for (int i = 0; i < 50; ++i) {
      stream += static_cast<char>('A' + i % 26);
    }
    for (std::size_t at = 0; at < stream.size(); at += piece) {
      output.Append(std::string_view(stream).substr(at, piece));
    }
    EXPECT_EQ(output.Text(), stream.substr(0, 5) + "\n[... 40 bytes left out ...]\n" + stream.substr(45)) << piece;
    EXPECT_EQ(output.total(), 50U);
  }
}

}  // namespace
}  // namespace tutti::workspace
