// What every Prometheus target tells of its process, under the names that its own libraries use.

import Deadlines
import Metering

#if canImport(Glibc)
  import Glibc
#endif

enum ProcessMetrics {
  static let started = Metric("process_start_time_seconds", .gauge, "When the process began.")
  static let memory = Metric("process_resident_memory_bytes", .gauge, "Memory in use.")
  static let processor = Metric("process_cpu_seconds_total", .counter, "Processor time used so far.")
  static let descriptors = Metric("process_open_fds", .gauge, "Open files and connections.")

  static let all = [started, memory, processor, descriptors]

  static func begin() { started.set(Double(time(nil))) }

  /// Reads `/proc/self`; what is not there is left out.
  static func show() {
    // proc(5): resident pages are the second number of statm.
    if let pages = numbers(of: "/proc/self/statm").dropFirst().first {
      memory.set(pages * Double(sysconf(Int32(_SC_PAGESIZE))))
    }
    var usage = rusage()
    if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
      let used = [usage.ru_utime, usage.ru_stime].reduce(0.0) {
        $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6
      }
      processor.set(used)
    }
    if let directory = opendir("/proc/self/fd") {
      var count = -3  // ".", ".." and the directory itself
      while readdir(directory) != nil { count += 1 }
      closedir(directory)
      descriptors.set(count)
    }
  }

  private static func numbers(of path: String) -> [Double] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    guard fgets(&line, 256, file) != nil else { return [] }
    let text = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { Double($0) }
  }
}
