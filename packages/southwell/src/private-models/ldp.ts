import { type ClientOptions, LdpClient, protocolPrint } from './client.ts';
import { designOf, deviationsOf, type LdpOptions } from './protocol.ts';
import { LdpServer } from './server.ts';

/** A protocol that people and a server agreed upon. */
export interface LdpProtocol {
  readonly options: LdpOptions;
  /** What messages name it by: differs where anything differs that reports depend on. */
  readonly print: string;
  /** Deviations of the noise in the means of so many people's products, or of a round's gradients. */
  noiseStd(people: number): { readonly matrix: number; readonly vector: number };
  /** One side: makes reports of people's own data, with noise of a cryptographic source unless told otherwise. */
  client(options?: ClientOptions): LdpClient;
  /** The other side: makes an estimate of reports. */
  server(): LdpServer;
}

/**
 * Sparse linear regression y ≈ ⟨x, θ⟩ under local differential privacy (Zhu et al. 2024): whoever gathers the data sees only
 * reports, each of which says hardly more of the person who sent it than of any other: for any two people's data v, v′ and any
 * set S of reports, Pr[M(v) ∈ S] ≤ e^ε Pr[M(v′) ∈ S] + δ. That is privacy for replace-one neighbours, of one report; who
 * reports again spends again ({@link PrivacyAccountant}).
 *
 * There is no constant in it: centre by public values, or give a feature that is 1.
 * @throws INVALID_PARAMETER, NOT_SUPPORTED where the options do not make a protocol.
 * @example
 * const protocol = ldpSparseRegression({ d: 2, epsilon: 2, delta: 1e-6, mode: 'noninteractive', clip: { x: 2, y: 3 } });
 * const [client, server] = [protocol.client(), protocol.server()];
 * for (const { x, y } of people) server.aggregate(client.encode(x, y));
 * server.finish().theta;
 */
export function ldpSparseRegression(options: LdpOptions): LdpProtocol {
  const design = designOf(options);
  return {
    options,
    print: protocolPrint(design),
    noiseStd(people) {
      const { matrix, vector } = design.moments
        ? deviationsOf(design.moments)
        : { matrix: 0, vector: design.gradient!.deviation };
      return { matrix: matrix / Math.sqrt(people), vector: vector / Math.sqrt(people) };
    },
    client: (own) => new LdpClient(design, own),
    server: () => new LdpServer(design),
  };
}
