// SPDX-License-Identifier: Apache-2.0
#include "sim/app/sweep_progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace addax::app {
namespace {

constexpr std::chrono::milliseconds kOnTerminal{200};
constexpr std::chrono::seconds kElsewhere{30};

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole >= 3600)
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::size_t column(const std::string& name) {
  const std::vector<std::string>& columns = sweep::output_columns();
  return static_cast<std::size_t>(std::find(columns.begin(), columns.end(), name) -
                                  columns.begin());
}

}  // namespace

SweepProgress::SweepProgress(std::uint64_t all, bool wanted, const std::string& objective)
    : all_(all),
      name_(objective == "edp" ? "energy x delay" : objective),
      unit_(objective == "latency"  ? "s"
            : objective == "energy" ? "J"
                                    : "J s"),
      column_(column(objective == "latency"  ? "latency_s"
                     : objective == "energy" ? "energy_j"
                                             : "edp_js")),
      wanted_(wanted),
      terminal_(::isatty(STDERR_FILENO) == 1),
      begin_(Clock::now()),
      next_(begin_ + (terminal_ ? Clock::duration(kOnTerminal) : Clock::duration(kElsewhere))) {}

SweepProgress::~SweepProgress() { clear(); }

void SweepProgress::add(const sweep::Row& row) {
  ++done_;
  if (row.status != sweep::Status::kDone) {
    ++failed_;
    return;
  }
  if (const auto* value = std::get_if<double>(&row.outputs.at(column_)))
    best_ = std::min(best_.value_or(*value), *value);
}

std::string SweepProgress::text() const {
  const double seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
  const double rate = seconds > 0.0 ? static_cast<double>(done_) / seconds : 0.0;
  std::string text = fmt::format("{} of {} points ({:.0f} %)", done_, all_,
                                 100.0 * static_cast<double>(done_) / static_cast<double>(all_));
  if (done_ > 0)
    text += fmt::format(", {:.3g} points/s, {} left", rate,
                        clock_text(static_cast<double>(all_ - done_) / rate));
  if (best_) text += fmt::format(", least {} {:.4g} {}", name_, *best_, unit_);
  if (failed_ > 0) text += fmt::format(", {} failed", failed_);
  return text;
}

void SweepProgress::show() {
  if (!wanted_ || all_ == 0 || Clock::now() < next_) return;
  next_ = Clock::now() + (terminal_ ? Clock::duration(kOnTerminal) : Clock::duration(kElsewhere));
  std::fputs(((terminal_ ? "\r" : "") + text() + (terminal_ ? "\033[K" : "\n")).c_str(), stderr);
  shown_ = terminal_;
}

void SweepProgress::clear() {
  if (shown_) std::fputs("\r\033[K", stderr);
  shown_ = false;
}

}  // namespace addax::app
