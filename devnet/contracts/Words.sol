// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// @dev The kinds of asset.
enum AssetKind {
    MODEL,
    DATASET,
    AGENT,
    TOOL,
    COMPUTE
}

/// @dev The relations of a provenance edge child -> parent.
enum Relation {
    FINETUNED_FROM,
    ADAPTER_OF,
    QUANTIZED_FROM,
    MERGED_FROM,
    DISTILLED_FROM,
    TRAINED_ON,
    EVALUATED_ON,
    DATASET_DERIVED_FROM,
    COMPOSED_OF
}

/// @dev What a contributor did for an asset.
enum ContributionRole {
    DEVELOPER,
    DATA_PROVIDER,
    RESEARCHER,
    REVIEWER,
    BUSINESS
}

/// @dev What a payment was for.
enum PaymentKind {
    USAGE,
    LICENCE,
    SALE,
    TIP
}

/// @dev What an access grant opens.
enum AccessScope {
    READ,
    INFER,
    TRAIN
}

/// @dev How a proposal ended.
enum ProposalOutcome {
    EXECUTED,
    CANCELLED
}

/// @dev 100 % on the scale of shares: parts per hundred million.
uint32 constant SHARE_WHOLE_E8 = 100_000_000;

/// @dev 100 % on the scale of fees: basis points.
uint256 constant BPS_WHOLE = 10_000;
