// SPDX-License-Identifier: Apache-2.0
#include "sim/app/sweep_check.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>

namespace addax::app {
namespace {

using sweep::Point;

constexpr std::uint64_t kMostTried = 1000;
constexpr std::array<const char*, 4> kRoots = {"arch", "tech", "trace", "run"};
/// Keys that a point is nothing without, in the order in which they are read.
constexpr std::array<const char*, 6> kRequired = {"arch",        "tech",        "trace",
                                                  "trace.model", "trace.phase", "trace.weights"};

bool belongs(const std::string& key, const std::string& root) {
  return key == root || key.rfind(root + ".", 0) == 0;
}

bool is_required(const std::string& key) {
  return std::find(kRequired.begin(), kRequired.end(), key) != kRequired.end();
}

Point part(const Point& point, const std::string& root) {
  Point found;
  for (const auto& each : point)
    if (belongs(each.first, root)) found.push_back(each);
  return found;
}

Point without(const Point& point, const std::string& key) {
  Point rest;
  for (const auto& each : point)
    if (each.first != key) rest.push_back(each);
  return rest;
}

Point with(Point point, const std::pair<std::string, std::string>& value) {
  for (auto& each : point)
    if (each.first == value.first) {
      each = value;
      return point;
    }
  point.push_back(value);
  return point;
}

/// The values of a root, those first that are required.
Point in_order(const Point& point, const std::string& root) {
  Point values = part(point, root);
  const auto rank = [](const auto& value) {
    return std::find(kRequired.begin(), kRequired.end(), value.first) - kRequired.begin();
  };
  std::stable_sort(values.begin(), values.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return values;
}

[[noreturn]] void refuse_value(const sweep::Sweep& sweep,
                               const std::pair<std::string, std::string>& value,
                               const std::string& fault) {
  sweep.refuse(value.first, value.first + " = " + value.second + ": " + fault);
}

// The key without which the rest can be read; where there are several, the first with which what was read before
// it no longer can be.
void blame_root(SweepPoints& reader, const sweep::Sweep& sweep, const Point& point,
                const std::string& root) {
  const std::optional<std::string> whole = reader.fault(point, root);
  if (!whole) return;
  const Point values = in_order(point, root);
  for (const auto& value : values)
    if (!is_required(value.first) && !reader.fault(without(point, value.first), root))
      refuse_value(sweep, value, *whole);
  Point grown = point;
  for (const auto& value : values)
    if (!is_required(value.first)) grown = without(grown, value.first);
  for (const auto& [key, known] : {std::pair("trace.phase", "decode"), {"trace.weights", "fp16"}})
    if (root == "trace" && part(grown, "trace").size() > 1) grown = with(grown, {key, known});
  for (const auto& value : values) {
    grown = with(grown, value);
    if (const auto fault = reader.fault(grown, root)) refuse_value(sweep, value, *fault);
  }
}

/// A step that visits all of `count` numbers, near ones long after each other.
std::uint64_t spread(std::uint64_t count) {
  constexpr double kGolden = 0.6180339887498949;
  auto step = static_cast<std::uint64_t>(kGolden * static_cast<double>(count)) + 1;
  while (std::gcd(step, count) != 1) ++step;
  return step;
}

bool any_reads(SweepPoints& reader, const sweep::Points& points, const std::string& root) {
  std::set<Point> tried;
  const std::uint64_t count = points.size(), step = spread(count);
  for (std::uint64_t i = 0, number = 0; i < std::min(count, kMostTried);
       ++i, number = (number + step) % count) {
    const Point point = points.at(number);
    if (tried.insert(part(point, root)).second && !reader.fault(point, root)) return true;
  }
  return false;
}

}  // namespace

void check_keys(SweepPoints& reader, const sweep::Sweep& sweep, const sweep::Points& points) {
  for (const char* root : kRoots)
    if (!any_reads(reader, points, root)) blame_root(reader, sweep, points.at(0), root);
}

void blame_key(SweepPoints& reader, const sweep::Sweep& sweep, const Point& point) {
  for (const char* root : kRoots) blame_root(reader, sweep, point, root);
}

}  // namespace addax::app
