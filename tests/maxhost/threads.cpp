#include "threads.h"

#include <utility>

#include "chain.h"

namespace maxhost {

thread_local Role role = Role::other;

namespace {

std::vector<t_clock*> due_clocks() {
  std::vector<t_clock*> due;
  for (t_clock* clock : world().clocks) {
    if (clock->armed && clock->due <= std::chrono::steady_clock::now()) {
      due.push_back(clock);
    }
  }
  return due;
}

}  // namespace

void run_scheduler() {
  const std::lock_guard lock(world().scheduler_mutex);
  while (!world().letters.empty()) {
    const std::function<void()> letter = std::move(world().letters.front());
    world().letters.pop_front();
    letter();
  }
  for (t_clock* clock : due_clocks()) {
    if (world().clocks.count(clock) && clock->armed) {
      clock->armed = false;
      as<void(void*)>(clock->task)(clock->owner);
    }
  }
}

void AudioThread::run_vector(long samples) {
  const std::lock_guard lock(world().chain_mutex);
  if (world().in_audio_interrupt) {
    run_scheduler();
  }
  for (const ChainItem& item : world().chain) {
    std::vector<Signal> buffers = buffers_of(item, static_cast<size_t>(samples));
    for (double& sample : buffers.front()) {
      noise_ = noise_ * 1664525u + 1013904223u;
      sample = static_cast<double>(noise_ >> 8) / 33554432.0 - 0.25;
    }
    perform(item, buffers, samples);
  }
  ++vectors;
}

void AudioThread::run() {
  role = Role::audio;
  while (!stop) {
    std::unique_lock lock(mutex);
    if (job) {
      const std::function<void()> task = std::exchange(job, {});
      lock.unlock();
      task();
      done.set_value();
    } else if (free_vector > 0) {
      const long samples = free_vector;
      const double seconds =
          static_cast<double>(samples) / world().sample_rate / free_speed;
      lock.unlock();
      run_vector(samples);
      std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    } else {
      wake.wait_for(lock, std::chrono::milliseconds(2));
    }
  }
}

void AudioThread::call(std::function<void()> task) {
  std::future<void> finished;
  {
    const std::lock_guard lock(mutex);
    done = {};
    finished = done.get_future();
    job = std::move(task);
  }
  wake.notify_one();
  finished.wait();
}

}  // namespace maxhost
