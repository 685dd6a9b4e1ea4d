#pragma once
// Status is the only error type of the control side: a code for programs and one sentence for
// people ("what failed: why; what to do"). Made on control and worker threads, never on audio.

#include <string>
#include <utility>

namespace sideman {

// busy: there is no room for one more until another leaves. late: an answer that would have come, had
// there been more time; a longer lead helps. later: what is asked for can be had once the host was
// started again.
enum class StatusCode { ok, invalid, unavailable, busy, failed, late, later, cancelled };

struct [[nodiscard]] Status {
  StatusCode code = StatusCode::ok;
  std::string sentence;

  bool ok() const { return code == StatusCode::ok; }

  static Status invalid(std::string why) { return {StatusCode::invalid, std::move(why)}; }
  static Status unavailable(std::string why) { return {StatusCode::unavailable, std::move(why)}; }
  static Status busy(std::string why) { return {StatusCode::busy, std::move(why)}; }
  static Status failed(std::string why) { return {StatusCode::failed, std::move(why)}; }
  static Status late(std::string why) { return {StatusCode::late, std::move(why)}; }
  static Status later(std::string why) { return {StatusCode::later, std::move(why)}; }
  static Status cancelled() { return {StatusCode::cancelled, "cancelled"}; }
};

}  // namespace sideman
