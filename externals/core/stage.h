#pragma once
// Stage hands streams to the audio thread and takes them back, without either side waiting. Control
// and worker threads put a new stream on (`publish`); the audio thread fades the old one out, swaps,
// and returns it through a queue, so memory is freed anywhere but on the audio thread. It also owns
// the only clock that survives a change of stream: seconds of audio since the stage was made.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "core/realtime.h"
#include "core/spsc_queue.h"
#include "core/stream.h"

namespace sideman {

// How a new stream takes the place of the one before: once that has faded out, or, where nothing
// sounds since the host does not ask, with the next vector.
enum class Change { faded, at_once };

class Stage {
 public:
  // parts: the most that a stream has.
  explicit Stage(int parts);

  // Control and worker threads.
  void publish(std::shared_ptr<Stream> stream, Change change = Change::faded);
  // The next vector rises from silence.
  void rise() { rises_.store(true, std::memory_order_release); }
  std::shared_ptr<Stream> newest() const;  // null before the first
  void free_retired();
  void set_host_rate(int32_t rate) { host_rate_.store(rate, std::memory_order_relaxed); }
  void set_audible(bool audible) { audible_.store(audible, std::memory_order_relaxed); }
  void set_hold(bool hold) { hold_.store(hold, std::memory_order_relaxed); }
  // Seconds of audio since the start: the moment of the next vector.
  double now() const { return now_.load(std::memory_order_acquire); }

  // Parts of the stream that sounds now; 0 before the first.
  int sounding_parts() const { return sounding_parts_.load(std::memory_order_acquire); }

  // Audio: any number of samples; T is float or double; in and out may be the same memory. in: one
  // vector per inlet, `heard_channels` of them; null is silence. outs: vectors in out; those beyond
  // the parts get silence, parts beyond them are not heard.
  template <typename T>
  void process(const T* const* in, T* const* out, int outs, int samples) SIDEMAN_REALTIME;

 private:
  void render(int samples) SIDEMAN_REALTIME;
  void change_stream() SIDEMAN_REALTIME;
  void drop(const Stream* stream);

  mutable std::mutex mutex_;                      // control and worker threads only
  std::vector<std::shared_ptr<Stream>> alive_;    // all that the audio thread may still touch
  std::shared_ptr<Stream> newest_;

  std::atomic<Stream*> pending_{nullptr};
  std::atomic<bool> at_once_{false};  // of the pending one
  std::atomic<bool> rises_{false};
  SpscQueue<Stream*> retired_{4};
  std::atomic<int32_t> host_rate_{44100};
  std::atomic<bool> audible_{true};
  std::atomic<bool> hold_{false};
  std::atomic<double> now_{0.0};
  std::atomic<int> sounding_parts_{0};

  // Audio thread only.
  Stream* playing_ = nullptr;
  std::vector<std::vector<float>> heard_;  // per inlet
  std::vector<const float*> heard_in_;
  std::vector<std::vector<float>> played_;
  std::vector<float*> played_out_;
};

}  // namespace sideman
