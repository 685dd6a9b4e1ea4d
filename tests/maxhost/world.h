#pragma once
// What Kernel and the C interface share: the state of the one pretended Max of this process.
// Lock order: chain, then scheduler, then any of the others; none is held while the main queue runs.

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "kernel.h"

struct outlet {
  t_object* owner = nullptr;
  bool signal = false;
  bool multichannel = false;
};

struct _qelem {
  void* owner = nullptr;
  method task = nullptr;
  bool set = false;
};

struct _clock {
  void* owner = nullptr;
  method task = nullptr;
  bool armed = false;
  std::chrono::steady_clock::time_point due;
};

namespace maxhost {

struct Attribute {
  t_object object{};
  AttributeView view;
  method get = nullptr, set = nullptr;
  bool clipped = false;
  double minimum = 0.0, maximum = 0.0;
};

struct Method {
  method function = nullptr;
  short type = A_GIMME;
};

}  // namespace maxhost

struct maxclass {
  method make = nullptr, destroy = nullptr;
  long size = 0;
  std::map<std::string, maxhost::Method> methods;
  std::vector<std::unique_ptr<maxhost::Attribute>> attributes;
};

namespace maxhost {

enum class Role { other, main, scheduler, audio };
extern thread_local Role role;

struct Box {
  std::vector<std::unique_ptr<outlet>> outlets;  // as made: from the right
  std::vector<std::string> heard;
  std::map<std::string, int> touched;
  std::map<size_t, long> cords;  // channels of the multichannel cord into an inlet
};

struct ChainItem {
  t_object* object = nullptr;
  t_perfroutine64 perform = nullptr;
  void* user = nullptr;
  long outs = 0;  // channels of all its outlets
};

struct World {
  std::mutex names;
  std::map<std::string, std::unique_ptr<t_symbol>> symbols;
  t_class* box_class = nullptr;
  std::vector<std::pair<method, void*>> quit_tasks;

  std::mutex boxes_mutex;
  std::map<t_object*, Box> boxes;
  std::vector<ConsoleLine> console;
  int trespasses = 0;

  std::mutex queue_mutex;
  std::condition_variable queue_wake;
  std::deque<t_qelem*> queue;

  std::recursive_mutex scheduler_mutex;
  std::set<t_clock*> clocks;
  std::deque<std::function<void()>> letters;
  std::atomic<bool> in_audio_interrupt{false};

  std::recursive_mutex chain_mutex;  // held for one vector by the audio thread
  std::vector<ChainItem> chain;
  std::vector<ChainItem>* building = nullptr;
  std::atomic<bool> on{false};
  std::atomic<bool> broken{false};  // to be built again
  std::atomic<double> sample_rate{44100.0};
  std::atomic<long> max_vector{64};
  std::mutex transport_mutex;
  Transport transport;
};

World& world();

// A method as what it is: Max keeps them all as one type.
template <typename Function>
Function* as(method function) {
  return reinterpret_cast<Function*>(reinterpret_cast<void (*)()>(function));
}

// Runs what is due on the scheduler: posted messages, then clocks.
void run_scheduler();
// The words of a message box as atoms; numbers become numbers.
std::vector<t_atom> parse(std::string_view text);
std::string to_text(const t_atom* atoms, long count);
Attribute* find_attribute(const std::string& name);
// As Max delivers a message: a method that may be typed, an attribute, or `anything`.
void deliver(t_object* object, std::string_view message);
std::string read_attribute(t_object* object, const std::string& name);

}  // namespace maxhost
