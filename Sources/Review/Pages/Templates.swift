// The templates, compiled once.

internal import Mustache

/// Renders pages from `Resources/*.mustache`.
struct Templates: Sendable {
  private let library: MustacheLibrary

  init() throws {
    var library = MustacheLibrary()
    for (name, bytes) in [
      ("layout", PackageResources.layout_mustache), ("sign-in", PackageResources.sign_in_mustache),
      ("list", PackageResources.list_mustache), ("rows", PackageResources.rows_mustache),
      ("case", PackageResources.case_mustache), ("blocks", PackageResources.blocks_mustache),
      ("acknowledge", PackageResources.acknowledge_mustache), ("letter", PackageResources.letter_mustache),
      ("problem", PackageResources.problem_mustache), ("figures", PackageResources.figures_mustache),
      ("return", PackageResources.return_mustache),
      ("volumes", PackageResources.volumes_mustache),
    ] {
      try library.register(String(decoding: bytes, as: UTF8.self), named: name)
    }
    self.library = library
  }

  func render(_ name: String, _ model: Model) -> [UInt8] {
    // A name that is not registered is a mistake in this module; tests render every page.
    Array((library.render(model.rendered, withTemplate: name) ?? "").utf8)
  }
}
