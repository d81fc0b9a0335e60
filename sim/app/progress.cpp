// SPDX-License-Identifier: Apache-2.0
#include "sim/app/progress.h"

#include <unistd.h>

#include <cstdio>

namespace addax::app {
namespace {

constexpr std::chrono::milliseconds kPatience{1000};
constexpr std::chrono::milliseconds kPeriod{200};

}  // namespace

Progress::Progress(bool wanted)
    : enabled_(wanted && ::isatty(STDERR_FILENO) == 1), next_(Clock::now() + kPatience) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\033[K", stderr);
}

void Progress::show(std::uint64_t done, std::uint64_t all) {
  if (!enabled_ || Clock::now() < next_) return;
  next_ = Clock::now() + kPeriod;
  shown_ = true;
  std::fprintf(stderr, "\r%llu of %llu layers\033[K", static_cast<unsigned long long>(done),
               static_cast<unsigned long long>(all));
}

}  // namespace addax::app
