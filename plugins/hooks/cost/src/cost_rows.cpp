#include "cost_rows.h"

#include <cmath>
#include <cstdint>

#include "money.h"

namespace tutti::cost {
namespace {

constexpr int kMostRows = 1000;
constexpr const char* kCounts[] = {
    "runs", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "unpriced_calls"};

}  // namespace

Op SumRuns(std::string_view session) {
  JsonObject select;
  select("agent", "agent")("model", "model").Raw("runs", R"({"count":"*"})");
  for (const char* column :
       {"input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_usd", "unpriced_calls"}) {
    select.Raw(column, JsonObject()("sum", column).Take());
  }
  Op op = Op::Query("runs.runs");
  op.Raw("where", JsonObject()("stream", session).Take()).Raw("select", select.Take());
  op.Raw("group", R"(["agent","model"])")("limit", kMostRows);
  return op;
}

std::string Report(std::string_view session, std::string_view rows) {
  std::int64_t counts[std::size(kCounts)] = {};
  PicoDollars cost = 0;
  const Result<Json> json = Json::Parse(rows);
  if (json.ok()) {
    json->view().ForEach([&](JsonView row) {
      for (std::size_t i = 0; i < std::size(kCounts); ++i) {
        counts[i] += row[kCounts[i]].AsInt();
      }
      cost += std::llround(row["cost_usd"].AsDouble() * static_cast<double>(kPicoDollarsPerDollar));
    });
  }
  JsonObject total;
  for (std::size_t i = 0; i < std::size(kCounts); ++i) {
    total(kCounts[i], counts[i]);
  }
  total.Raw("cost_usd", FormatDollars(cost));
  return JsonObject()("session", session).Raw("runs", json.ok() ? rows : "[]").Raw("total", total.Take()).Take();
}

}  // namespace tutti::cost
