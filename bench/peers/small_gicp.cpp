// Registration of two clouds by small_gicp, one thread: voxels, trees, normals and covariances of both, then point to plane and generalised.
// Words: source target voxel maxDistance rotation translation rounds; clouds are files of doubles, three a point. Prints JSON.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <small_gicp/ann/kdtree.hpp>
#include <small_gicp/factors/gicp_factor.hpp>
#include <small_gicp/factors/plane_icp_factor.hpp>
#include <small_gicp/points/point_cloud.hpp>
#include <small_gicp/registration/reduction.hpp>
#include <small_gicp/registration/registration.hpp>
#include <small_gicp/util/downsampling.hpp>
#include <small_gicp/util/normal_estimation.hpp>

using namespace small_gicp;

static std::shared_ptr<PointCloud> read(const char* path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  const size_t n = in.tellg() / (3 * sizeof(double));
  std::vector<double> values(3 * n);
  in.seekg(0);
  in.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(double));
  auto cloud = std::make_shared<PointCloud>();
  cloud->resize(n);
  for (size_t i = 0; i < n; i++) cloud->point(i) = Eigen::Vector4d(values[3 * i], values[3 * i + 1], values[3 * i + 2], 1.0);
  return cloud;
}

struct Prepared {
  std::shared_ptr<PointCloud> points;
  std::shared_ptr<KdTree<PointCloud>> tree;
};

static Prepared prepare(const PointCloud& cloud, double voxel) {
  auto points = voxelgrid_sampling(cloud, voxel);
  auto tree = std::make_shared<KdTree<PointCloud>>(points);
  estimate_normals_covariances(*points, *tree, 10);
  return {points, tree};
}

/** CPU seconds of the best call: as many as asked for, and for a second at least. */
static double best(int rounds, const std::function<void()>& call) {
  double least = std::numeric_limits<double>::infinity(), total = 0;
  for (int round = 0; round < rounds || (total < 1 && round < 1000); round++) {
    const std::clock_t start = std::clock();
    call();
    const double spent = double(std::clock() - start) / CLOCKS_PER_SEC;
    least = std::min(least, spent);
    total += spent;
  }
  return least;
}

struct Settings {
  double maxDistance, rotation, translation;
};

template <typename Factor>
static void align(const char* name, const Prepared& source, const Prepared& target, const Settings& settings, int rounds) {
  Registration<Factor, SerialReduction> registration;
  registration.rejector.max_dist_sq = settings.maxDistance * settings.maxDistance;
  registration.criteria.rotation_eps = settings.rotation;
  registration.criteria.translation_eps = settings.translation;
  registration.optimizer.max_iterations = 50;
  RegistrationResult result(Eigen::Isometry3d::Identity());
  const double seconds = best(rounds, [&] { result = registration.align(*target.points, *source.points, *target.tree); });
  std::printf(", \"%s\": {\"seconds\": %.9g, \"iterations\": %zu, \"pose\": [", name, seconds, result.iterations + 1);
  const Eigen::Matrix4d T = result.T_target_source.matrix();
  for (int k = 0; k < 16; k++) std::printf("%s%.17g", k == 0 ? "" : ", ", T(k / 4, k % 4));
  std::printf("]}");
}

int main(int argc, char** argv) {
  if (argc != 8) return 2;
  const auto source = read(argv[1]), target = read(argv[2]);
  const double voxel = std::atof(argv[3]);
  const Settings settings{std::atof(argv[4]), std::atof(argv[5]), std::atof(argv[6])};
  const int rounds = std::atoi(argv[7]);
  Prepared from, to;
  const double seconds = best(rounds, [&] {
    from = prepare(*source, voxel);
    to = prepare(*target, voxel);
  });
  std::printf("{\"prepare\": {\"seconds\": %.9g, \"points\": %zu}", seconds, from.points->size());
  align<PointToPlaneICPFactor>("point-to-plane", from, to, settings, rounds);
  align<GICPFactor>("generalised", from, to, settings, rounds);
  std::printf("}\n");
  return 0;
}
