// The rules alone as a model: hand-set weights, nothing learned. It is what training must better, and what tests of
// other modules judge with, so that they do not change with every training.

extension TriageModel {
  /// Hand-set: the rules' score moved and squeezed through a logistic curve; leaves by the rules' shares.
  public static let rulesOnly: TriageModel = {
    func head(_ bias: Double, _ index: Int, _ weight: Float) -> LinearHead {
      var weights = [Float](repeating: 0, count: FeatureLayout.width)
      weights[index] = weight
      return LinearHead(bias: bias, weights: weights)
    }
    return TriageModel(
      version: 0, origin: "nothing: the rules' hand-set weights",
      cutOffs: CutOffs(
        possibleFrom: 0.22, complaintFrom: 0.5, aim: .init(), meetsAim: false, missed: Share(0, of: 0),
        read: Share(0, of: 0)),
      // The first count is a third of the rules' score; a message that says nothing stands at -3.
      calibration: Calibration(slope: 1, offset: 0),
      complaint: head(-3, FeatureLayout.counts.lowerBound, 3),
      categories: Taxonomy.ids.indices.map { head(0, FeatureLayout.leaves.lowerBound + $0, 8) },
      temperature: 1,
      flags: [:])
  }()
}
